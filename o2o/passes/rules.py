"""Verbs of passes: issue, form, spend, give back; every change goes through one door (change.py)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.errors import RuleBroken
from o2o.kernel.money import largest_remainder
from o2o.kernel.words import N_
from o2o.passes.change import Purse, Step, get_all_locked, get_locked, step_all
from o2o.passes.change import change as _change
from o2o.passes.models import Pass
from o2o.passes.queries import value_left
from o2o.passes.shapes import issue, reform, reissue

__all__ = [
    "EXPIRY_GRACE", "LEEWAY", "Spent", "begin_refund", "expire_due", "finish_refund", "get_all_locked", "get_locked",
    "issue", "reform", "reissue", "spend", "take", "take_all", "unspend",
]  # fmt: skip

# Clocks differ: tills take a pass so long before its window begins and after it ends.
LEEWAY = timedelta(minutes=10)
# States in which a claim that a till made in time still finds its uses.
TAKEN_FROM = ("valid", "expired", "refunding")
# A pass expires for good only when no till can still take it (LEEWAY) or undo that (15 min), with a reserve.
EXPIRY_GRACE = timedelta(minutes=30)


class Spent(NamedTuple):
    """What a spend took: the pass afterwards, the value of the uses in minor units, and what was left right after."""

    pass_: Pass
    value: int
    left: int


def spend(
    session: Session, *, pass_id: str, quantity: int, now: datetime, gen: int | None = None
) -> Spent | None:
    """Take `quantity` uses at once if so many are left, else take nothing and return None.

    The conditional update decides: of two tills that ask for the last use, one gets it; with `gen` it also asks
    that this is still the live form. The value is the uses' share of what is not yet spent, by largest
    remainder, so that all uses together cost what was paid.
    """
    return _spent(session, _take(session, pass_id, quantity, now, gen), quantity)


def take(session: Session, *, pass_id: str, quantity: int, now: datetime) -> Spent | None:
    """Take uses as `spend` does, for a claim that a till made offline in time.

    The pass may have expired since, or wait for its refund, which then has to follow (refunds.rules.adjust); a
    pass that keeps uses keeps its state. NotAllowed when there is no such pass.
    """
    return take_all(session, wanted=[(pass_id, quantity)], now=now)[0]


def take_all(session: Session, *, wanted: Sequence[tuple[str, int]], now: datetime) -> list[Spent | None]:
    """Take (pass, quantity) after (pass, quantity), each as `take` does; None for what is not there to take.

    Locks the passes by their ids; two statements however many there are.
    """
    passes = get_all_locked(session, pass_ids=[pass_id for pass_id, _ in wanted])
    purses = {pass_id: Purse.of(pass_) for pass_id, pass_ in passes.items()}
    steps: list[Step] = []
    taken: list[Spent | None] = []
    for pass_id, quantity in wanted:
        pass_, before = passes[pass_id], purses[pass_id]
        after = _less(before, pass_.paid, quantity)
        if after is None:
            taken.append(None)
            continue
        purses[pass_id] = after
        steps.append(Step(pass_, before, after))
        taken.append(Spent(pass_, after.spent - before.spent, after.left))
    step_all(session, steps, now=now)
    return taken


def _less(purse: Purse, paid: int, quantity: int) -> Purse | None:
    """Say what is left of a purse after so many uses; None where they are not there to take."""
    if purse.state not in TAKEN_FROM or purse.left < quantity:
        return None
    value = _worth(paid - purse.spent, purse.left, quantity)
    state = "used" if purse.left == quantity else purse.state
    return Purse(state, purse.left - quantity, purse.spent + value)


def _worth(value: int, left: int, quantity: int) -> int:
    """Return what the next uses of those left are worth, in minor units, by largest remainder."""
    return sum(largest_remainder(value, [1] * left)[:quantity])


def _take(
    session: Session,
    pass_id: str,
    quantity: int,
    now: datetime,
    gen: int | None = None,
) -> Pass | None:
    """Carry out the guarded update that makes a use a use only once."""
    live = () if gen is None else (Pass.gen == gen,)
    return _change(
        session,
        pass_id,
        sources=("valid",),
        now=now,
        where=(Pass.uses_left >= quantity, *live),
        values={
            "uses_left": Pass.uses_left - quantity,
            "state": case((Pass.uses_left == quantity, "used"), else_="valid"),
        },
        targets=("used", "valid"),
    )


def _spent(session: Session, pass_: Pass | None, quantity: int) -> Spent | None:
    """Say what the uses just taken were worth, and write it down."""
    if pass_ is None:
        return None
    value = _worth(value_left(pass_), pass_.uses_left + quantity, quantity)
    pass_.spent += value
    session.flush()
    return Spent(pass_, value, pass_.uses_left)


def unspend(
    session: Session, *, pass_id: str, quantity: int, value: int, now: datetime, late: bool = False
) -> Pass:
    """Give uses and their value back after an undone redemption; refused once money is on its way back.

    With `late`, for a claim that lost, also an expired pass and one that waits for its refund get them back and
    keep their state; only a pass whose money is out refuses.
    """
    kept = get_locked(session, pass_id=pass_id).state if late else "valid"
    behind = kept in ("expired", "refunding")
    given = _change(
        session,
        pass_id,
        sources=(kept,) if behind else ("valid", "used"),
        now=now,
        where=(Pass.uses_left + quantity <= Pass.uses, Pass.spent >= value),
        values={
            "uses_left": Pass.uses_left + quantity,
            "spent": Pass.spent - value,
            "state": kept if behind else "valid",
        },
        targets=(kept,) if behind else ("valid",),
    )
    if given is None:
        raise RuleBroken(
            "pass_moved_on", N_("This pass is being refunded or has ended, so this cannot be undone.")
        )
    return given


def begin_refund(session: Session, *, pass_id: str, cause: str) -> Pass:
    """Take a pass out of use for a refund: a valid one for its guest or by the platform, an expired one at expiry."""
    source = {"guest": "valid", "platform": "valid", "expiry": "expired"}[cause]
    refunding = _change(
        session,
        pass_id,
        sources=(source,),
        now=clock.now(),
        where=(Pass.uses_left > 0,),
        values={"state": "refunding"},
        targets=("refunding",),
    )
    if refunding is None:
        raise RuleBroken("not_refundable", N_("This pass is used, expired or already being refunded."))
    return refunding


def finish_refund(session: Session, *, pass_id: str) -> Pass:
    """Close a pass whose money is back; a repetition changes nothing."""
    _change(
        session,
        pass_id,
        sources=("refunding",),
        now=clock.now(),
        values={"state": "refunded"},
        targets=("refunded",),
    )
    pass_ = get_locked(session, pass_id=pass_id)
    if pass_.state != "refunded":
        raise RuleBroken("not_refunding", N_("This pass is not being refunded."))
    return pass_


def expire_due(session: Session, *, now: datetime, most: int = 200) -> list[str]:
    """Expire valid passes whose window ended more than EXPIRY_GRACE ago; return their ids."""
    due = select(Pass.id).where(Pass.state == "valid", Pass.expires <= now - EXPIRY_GRACE)
    found = session.scalars(due.order_by(Pass.expires, Pass.id).limit(most)).all()
    values = {"state": "expired"}
    return [
        pass_id
        for pass_id in found
        if _change(session, pass_id, sources=("valid",), now=now, values=values, targets=("expired",))
    ]
