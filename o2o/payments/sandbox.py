"""The pretended bank: an adapter like any provider's, and behind it the bank itself with its own book.

Nothing in the town reads the bank's tables except through the adapter, so that a real provider can take its place.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.config import Settings
from o2o.kernel.db import begin_write, db, insert_ignore
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.outside import require_outside
from o2o.kernel.words import N_
from o2o.payments.models import SandboxCall, SandboxPayment, SandboxRefund
from o2o.payments.providers import Opened, Outcome, Provider, Word, takes_money

NAME = "sandbox"
HEADER = "Sandbox-Signature"
TOLERANCE = timedelta(minutes=5)
SLOW = timedelta(seconds=20)
LATE = timedelta(minutes=12)
SOON = timedelta(seconds=5)

# answer: (what the bank decides, when that takes effect, when its calls go out)
ANSWERS: dict[str, tuple[str, timedelta, tuple[timedelta, ...]]] = {
    "approve": ("approved", timedelta(0), (timedelta(0),)),
    "decline": ("declined", timedelta(0), (timedelta(0),)),
    "slow": ("approved", SLOW, (SLOW,)),
    "lost": ("approved", timedelta(0), (SOON,)),
    "duplicate": ("approved", timedelta(0), (timedelta(0), timedelta(0), SOON)),
    "late": ("approved", LATE, (LATE,)),
}
OUTCOMES: dict[str, Outcome] = {"approved": "captured", "declined": "failed"}


class Sandbox:
    """The adapter: what a provider's library would be."""

    name = NAME

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._secret = hashlib.sha256(b"o2o.sandbox.v1\0" + settings.secret_key.encode()).digest()

    def create(self, *, key: str, amount: int, currency: str, return_url: str) -> Opened:
        """Open a payment at the bank; the same key is the same payment."""
        require_outside()
        row = {
            "ref": secrets.token_urlsafe(16),
            "key": key,
            "amount": amount,
            "currency": currency,
            "state": "open",
            "refunded": 0,
            "return_url": return_url,
        }
        with Session(self._engine) as bank:
            begin_write(bank)
            insert_ignore(bank, SandboxPayment.__table__, row)  # type: ignore[arg-type]
            payment = bank.scalars(select(SandboxPayment).where(SandboxPayment.key == key)).one()
            # A path, not an address: the pretended bank is wherever this site is.
            opened = Opened(payment.ref, f"/sandbox/{payment.ref}")
            bank.commit()
        return opened

    def state(self, ref: str) -> Outcome:
        """Ask the bank what became of a payment."""
        require_outside()
        with Session(self._engine) as bank:
            return outcome_of(payment(bank, ref), clock.now())

    def refund(self, *, ref: str, key: str, amount: int) -> str:
        """Have the bank return money; the same key is the same refund, never more than was captured."""
        require_outside()
        with Session(self._engine) as bank:
            begin_write(bank)
            row = {"key": key, "ref": ref, "amount": amount}
            if insert_ignore(bank, SandboxRefund.__table__, row):  # type: ignore[arg-type]
                _give_back(bank, ref, amount)
            bank.commit()
        return key

    def sign(self, body: bytes, at: datetime) -> str:
        """Write the signature header of a notice sent at this moment."""
        stamp = clock.millis(at) // 1000
        return f"t={stamp},v1={self._mac(stamp, body)}"

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Word:
        """Verify the signature and its age (5 min each way), then read; raises BadInput (400)."""
        stamp, mac = _signature_parts(headers.get(HEADER, ""))
        if not hmac.compare_digest(mac, self._mac(stamp, body)):
            raise BadInput("bad_signature", N_("The signature of this notice does not hold."))
        age = abs(clock.millis(clock.now()) // 1000 - stamp)
        if age > TOLERANCE.total_seconds():
            raise BadInput("stale_notice", N_("This notice was signed too long ago."))
        try:
            said = json.loads(body)
            return Word(NAME, str(said["id"]), OUTCOMES[said["state"]], str(said["ref"]))
        except (ValueError, KeyError, TypeError):
            raise BadInput("bad_notice", N_("This notice cannot be read.")) from None

    def _mac(self, stamp: int, body: bytes) -> str:
        return hmac.new(self._secret, b"%d." % stamp + body, hashlib.sha256).hexdigest()


def provider(settings: Settings) -> Provider:
    """Return the town's provider; RuleBroken "no_payments" (409) where the town cannot take money."""
    if not takes_money(settings):
        raise RuleBroken(
            "no_payments",
            N_("This town does not take payments yet, so for now only free coupons can be had."),
        )
    return Sandbox(db.engine, settings)


def payment(bank: Session, ref: str) -> SandboxPayment:
    """Return a payment at the bank; NotAllowed when it has none under this reference."""
    row = bank.get(SandboxPayment, ref, populate_existing=True)
    if row is None:
        raise NotAllowed
    return row


def outcome_of(row: SandboxPayment, now: datetime) -> Outcome:
    """Say what the bank would answer now; a slow or late decision is pending until it takes effect."""
    if row.decided_at is None or row.decided_at > now:
        return "pending"
    return OUTCOMES[row.state]


def decide(bank: Session, *, ref: str, answer: str, now: datetime) -> bool:
    """Let the guest at the bank's page answer, once; tell whether this answer was the first.

    Writes the decision and the calls that will tell the town. Raises BadInput for an unknown answer.
    """
    if answer not in ANSWERS:
        raise BadInput("bad_answer", N_("Please choose one of the buttons."), status=422)
    state, effect, calls = ANSWERS[answer]
    payment(bank, ref)
    open_one = (SandboxPayment.ref == ref, SandboxPayment.state == "open")
    decided = update(SandboxPayment).where(*open_one).values(state=state, decided_at=now + effect)
    if not bank.execute(decided).rowcount:  # type: ignore[attr-defined]
        return False
    event_id = f"evt_{secrets.token_hex(12)}"
    bank.add_all(
        SandboxCall(event_id=event_id, ref=ref, kind=state, due=now + delay, tries=0) for delay in calls
    )
    bank.flush()
    return True


def body_of(call: SandboxCall) -> bytes:
    """Write the body of a call."""
    said = {"id": call.event_id, "ref": call.ref, "state": call.kind}
    return json.dumps(said, separators=(",", ":"), sort_keys=True).encode()


def _give_back(bank: Session, ref: str, amount: int) -> None:
    room = (
        SandboxPayment.ref == ref,
        SandboxPayment.state == "approved",
        SandboxPayment.refunded + amount <= SandboxPayment.amount,
    )
    given = update(SandboxPayment).where(*room).values(refunded=SandboxPayment.refunded + amount)
    if not bank.execute(given).rowcount:  # type: ignore[attr-defined]
        raise RuleBroken("too_much_back", N_("More cannot be paid back than was paid."))


def _signature_parts(text: str) -> tuple[int, str]:
    """Read `t=…,v1=…`; anything else raises BadInput."""
    parts = dict(part.split("=", 1) for part in text[:200].split(",") if "=" in part)
    stamp, mac = parts.get("t", ""), parts.get("v1", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and len(mac) == 64 and mac.isascii()):
        raise BadInput("bad_signature", N_("The signature of this notice does not hold."))
    return int(stamp), mac
