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
    """What a text turned out to be: a pass id from a verified token, a short code, or a refusal.

    `kind` is bearer, bound, live or typed; of a live code `step` is the proof's and `is_proven` tells that the
    holder's phone signed it.
    """

    pass_id: str | None = None
    gen: int | None = None
    short_code: str | None = None
    refusal: str = ""
    kind: str = ""
    step: int | None = None
    is_proven: bool = False
    text: str | None = None

    @property
    def is_typed(self) -> bool:
        """Tell whether somebody typed it (guessing must be slow)."""
        return self.short_code is not None or self.refusal == "format:typed"


def read(session: Session, text: str) -> Code:
    """Read a scanned or typed code and verify its signatures, before anything is locked."""
    text = text.strip()
    if len(text) <= LONGEST_TYPED:
        try:
            typed = normal_code(text)
        except ValueError:
            return Code(refusal="format:typed")
        return Code(short_code=typed, kind="typed", text=typed)
    try:
        shown = passes.read_shown(session, text)
    except passes.TokenRefused as refused:
        return Code(refusal=refused.reason)
    return Code(
        pass_id=shown.token.pass_id,
        gen=shown.token.gen,
        kind=shown.kind,
        step=shown.step,
        is_proven=passes.proof_holds(shown),
        text=text,
    )


def judge(
    session: Session,
    *,
    code: Code,
    shop_id: int,
    quantity: int,
    now: datetime,
    till_id: str | None = None,
    shown_at: datetime | None = None,
) -> Answer:
    """Answer what this shop may do with a code now; `ok` means that so many uses could be taken.

    `shown_at` is when the code was in front of the camera, where that was before `now`.
    """
    if code.refusal:
        return _refuse(code.refusal)
    held = passes.with_terms(session, pass_id=code.pass_id, short_code=code.short_code)
    if held is None:
        return _refuse("format:typed" if code.is_typed else "revoked:unknown")
    sight = Sight.of(held)
    refusal = _refusal(session, held, code, shop_id, quantity, now)
    if refusal == "already_used":
        return _already_used(session, held.pass_, sight, shop_id, till_id)
    drift = 0 if code.step is None else code.step - passes.step_of(shown_at or now)
    refusal = refusal or _proof_refusal(code, drift)
    age = None if code.step is None else abs(drift) * passes.STEP_SECONDS
    return _refuse(refusal or "ok", held.pass_, sight, quantity, age)


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


def _proof_refusal(code: Code, drift: int) -> str:
    """Return what is wrong with the phone's proof, or nothing; `drift` is in steps of the server's clock.

    The server's own clock is proven, so what is not fresh is old, or from a phone whose clock runs ahead.
    """
    if code.kind == "bound":
        return "copy"
    if code.kind != "live":
        return ""
    if not code.is_proven:
        return "signature:proof"
    if passes.freshness(drift, True) == "ok":
        return ""
    return "stale_code" if drift < 0 else "stale_code:ahead"


def _already_used(session: Session, pass_: Pass, sight: Sight, shop_id: int, till_id: str | None) -> Answer:
    """Say who took the last use: here, at another till of the shop, or in another shop."""
    last = session.scalars(
        select(Redemption)
        .where(Redemption.pass_id == pass_.id, Redemption.annulled_at.is_(None))
        .order_by(Redemption.number.desc())
        .limit(1)
    ).first()
    here = last is None or last.shop_id == shop_id
    other_till = last.till_id if last and here and last.till_id != till_id else None
    return Answer(
        reason="already_used_here" if here and other_till is None else "already_used_elsewhere",
        variant="till" if other_till else "",
        pass_id=pass_.id,
        sight=sight,
        redemption_id=last.id if last and here else None,
        at=last.at if last else pass_.changed_at,
        by=last.staff_id if last and here else None,
        till_id=other_till,
    )


def _refuse(
    code: str,
    pass_: Pass | None = None,
    sight: Sight | None = None,
    quantity: int = 0,
    age: int | None = None,
) -> Answer:
    reason, _, variant = code.partition(":")
    return Answer(
        reason=reason,
        variant=variant,
        pass_id=pass_.id if pass_ else None,
        sight=sight,
        quantity=quantity,
        uses_left=pass_.uses_left if pass_ else 0,
        age=age,
    )
