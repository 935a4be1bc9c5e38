"""Decide what the till answers to a code: the checks in their fixed order, the first failure wins."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel.tokens import normal_code
from o2o.offers.rules import usable_at
from o2o.passes import queries as passes
from o2o.passes.models import Pass
from o2o.passes.rules import LEEWAY
from o2o.redemption.answer import Answer, Sight
from o2o.redemption.models import Redemption
from o2o.shops import queries as shops

# A short code with its separators is never longer; a scanned one is never so short.
LONGEST_TYPED = 64


class Code(NamedTuple):
    """What a text turned out to be: a pass id from a verified token, a short code, or a refusal."""

    pass_id: str | None = None
    gen: int | None = None
    short_code: str | None = None
    refusal: str = ""

    @property
    def is_typed(self) -> bool:
        """Tell whether somebody typed it (guessing must be slow)."""
        return self.short_code is not None or self.refusal == "format:typed"


def read(session: Session, text: str) -> Code:
    """Read a scanned or typed code and verify its signature; touches no table, so do it before writing."""
    text = text.strip()
    if len(text) <= LONGEST_TYPED:
        try:
            return Code(short_code=normal_code(text))
        except ValueError:
            return Code(refusal="format:typed")
    try:
        token = passes.read_token(session, text)
    except passes.TokenRefused as refused:
        return Code(refusal=refused.reason)
    return Code(pass_id=token.pass_id, gen=token.gen)


def judge(session: Session, *, code: Code, shop_id: int, quantity: int, now: datetime) -> Answer:
    """Answer what this shop may do with a code now; `ok` means that so many uses could be taken."""
    if code.refusal:
        return _refuse(code.refusal)
    held = passes.with_terms(session, pass_id=code.pass_id, short_code=code.short_code)
    if held is None:
        return _refuse("format:typed" if code.is_typed else "revoked:unknown")
    sight = Sight.of(held)
    refusal = _refusal(session, held, code, shop_id, quantity, now)
    if refusal.startswith("already_used"):
        return _already_used(session, held.pass_, sight, shop_id)
    return _refuse(refusal or "ok", held.pass_, sight, quantity)


def _refusal(
    session: Session, held: passes.Held, code: Code, shop_id: int, quantity: int, now: datetime
) -> str:
    """Return the reason of the first check that fails, or nothing: scope, window, hours, lists, uses."""
    pass_, terms, _ = held
    timezone = shops.founded(session).timezone
    checks = (
        ("wrong_shop", pass_.shop_id != shop_id),
        ("too_early", now < pass_.not_before - LEEWAY),
        ("expired", now >= pass_.expires + LEEWAY),
        ("wrong_time", not usable_at(terms, now, timezone)),
        ("revoked", pass_.state == "revoked"),
        ("revoked:refund", pass_.state in ("refunding", "refunded")),
        ("expired", pass_.state == "expired"),
        ("superseded", code.gen is not None and code.gen != pass_.gen),
        ("already_used", pass_.uses_left == 0),
        ("not_enough_uses", pass_.uses_left < quantity),
    )
    return next((reason for reason, fails in checks if fails), "")


def _already_used(session: Session, pass_: Pass, sight: Sight, shop_id: int) -> Answer:
    last = session.scalars(
        select(Redemption)
        .where(Redemption.pass_id == pass_.id, Redemption.annulled_at.is_(None))
        .order_by(Redemption.number.desc())
        .limit(1)
    ).first()
    here = last is None or last.shop_id == shop_id
    return Answer(
        reason="already_used_here" if here else "already_used_elsewhere",
        pass_id=pass_.id,
        sight=sight,
        redemption_id=last.id if last and here else None,
        at=last.at if last else pass_.changed_at,
        by=last.staff_id if last and here else None,
    )


def _refuse(code: str, pass_: Pass | None = None, sight: Sight | None = None, quantity: int = 0) -> Answer:
    reason, _, variant = code.partition(":")
    return Answer(
        reason=reason,
        variant=variant,
        pass_id=pass_.id if pass_ else None,
        sight=sight,
        quantity=quantity,
        uses_left=pass_.uses_left if pass_ else 0,
    )
