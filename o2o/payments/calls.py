"""Calls in both directions, none inside a transaction: money back by the provider, the pretended bank's postman."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.error import URLError
from urllib.request import Request, urlopen

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel.db import begin_write
from o2o.kernel.outside import outside
from o2o.payments.models import Intent, Payback, SandboxCall
from o2o.payments.providers import Provider
from o2o.payments.sandbox import HEADER, NAME, Sandbox, body_of

log = logging.getLogger("o2o.payments")
# Send a body with its signature; tell whether the town took it.
Sender = Callable[[bytes, str], bool]
TIMEOUT = 5
TRIES = 12


def by_http(base_url: str) -> Sender:
    """Send by HTTP to the town's own webhook address."""
    address = f"{base_url}/webhooks/{NAME}"

    def send(body: bytes, signature: str) -> bool:
        headers = {"Content-Type": "application/json", HEADER: signature}
        try:
            with urlopen(Request(address, body, headers), timeout=TIMEOUT) as answer:  # noqa: S310 our own address
                return bool(200 <= answer.status < 300)
        except (URLError, OSError) as error:
            log.warning("webhook not taken: %s", error)
            return False

    return send


def send_due(session: Session, bank: Sandbox, *, send: Sender, now: datetime, ref: str | None = None) -> int:
    """Send the calls that are due, of one payment or of all; return how many were taken."""
    due = select(SandboxCall.id).where(SandboxCall.sent_at.is_(None), SandboxCall.due <= now)
    due = due.where(SandboxCall.tries < TRIES)
    if ref is not None:
        due = due.where(SandboxCall.ref == ref)
    ids = session.scalars(due.order_by(SandboxCall.due, SandboxCall.id).limit(50)).all()
    session.rollback()
    return sum(_send_one(session, bank, call_id, send, now) for call_id in ids)


def _send_one(session: Session, bank: Sandbox, call_id: int, send: Sender, now: datetime) -> bool:
    body = body_of(session.get_one(SandboxCall, call_id))
    session.rollback()
    with outside(session):
        # Signed when sent: a late call is late, not stale.
        taken = send(body, bank.sign(body, now))
    begin_write(session)
    call = session.get_one(SandboxCall, call_id)
    call.tries += 1
    if taken:
        call.sent_at = now
    else:
        call.due = now + timedelta(seconds=min(2**call.tries, 3600))
    session.commit()
    return taken


def send_back(session: Session, provider: Provider, payback_id: str) -> str:
    """Have the provider return promised money and give its reference; the caller then writes that down.

    Ends the session's reading and calls outside; asking again is the same refund.
    """
    payback = session.get_one(Payback, payback_id)
    ref = session.get_one(Intent, payback.intent_id).provider_ref or ""
    key, amount = payback.key, payback.amount
    session.rollback()
    with outside(session):
        return provider.refund(ref=ref, key=key, amount=amount)
