"""Verbs of passes: issue, spend, give back; every change of state goes through one door."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from o2o.issuer import queries as issuer
from o2o.kernel import clock, journal, tokens
from o2o.kernel.db import new_id
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.money import largest_remainder
from o2o.kernel.words import N_
from o2o.offers import rules as offers
from o2o.offers.models import Terms
from o2o.passes.models import PASS_STATES, Pass
from o2o.passes.queries import value_left
from o2o.passes.token import Token, minutes, sign_token
from o2o.shops import queries as shops

# Clocks differ: tills take a pass so long before its window begins and after it ends.
LEEWAY = timedelta(minutes=10)
# A pass expires for good only when no till can still take it (LEEWAY) or undo that (15 min), with a reserve.
EXPIRY_GRACE = timedelta(minutes=30)


class Spent(NamedTuple):
    """What a spend took: the pass afterwards, and the value of the uses in minor units."""

    pass_: Pass
    value: int


def issue(session: Session, *, account_id: int, terms: Terms, paid: int, issued_at: datetime) -> Pass:
    """Make and sign a pass under these terms; `paid` is for this pass alone, in minor units.

    Side effects in order: the first issuer key where there is none, the pass, fact pass.issued. The window is
    widened to whole minutes, as the token carries it.
    """
    town = shops.founded(session)
    not_before, expires = offers.validity(terms, issued_at, town.timezone)
    key = issuer.signing_key(session, issued_at)
    token = Token(
        kid=key.kid,
        pass_id=new_id(),
        terms_id=terms.id,
        scope_id=terms.shop_id,
        not_before=minutes(not_before),
        expires=minutes(expires, up=True),
        uses=terms.uses,
        value=paid,
    )
    issued = Pass(
        id=token.pass_id,
        account_id=account_id,
        shop_id=terms.shop_id,
        terms_id=terms.id,
        state="valid",
        uses=terms.uses,
        uses_left=terms.uses,
        paid=paid,
        spent=0,
        currency=terms.currency,
        not_before=token.starts_at,
        expires=token.ends_at,
        kid=key.kid,
        gen=token.gen,
        token=sign_token(token, key.private),
        short_code=tokens.new_short_code(),
        issued_at=issued_at,
        changed_at=issued_at,
    )
    session.add(issued)
    session.flush()
    journal.record(session, "pass.issued", pass_id=issued.id)
    return issued


def spend(session: Session, *, pass_id: str, quantity: int, now: datetime) -> Spent | None:
    """Take `quantity` uses at once if so many are left, else take nothing and return None.

    The conditional update decides: of two tills that ask for the last use, one gets it. The value is the
    uses' share of what is not yet spent, by largest remainder, so that all uses together cost what was paid.
    """
    pass_ = _take(session, pass_id, quantity, now)
    if pass_ is None:
        return None
    value = sum(largest_remainder(value_left(pass_), [1] * (pass_.uses_left + quantity))[:quantity])
    pass_.spent += value
    session.flush()
    return Spent(pass_, value)


def _take(session: Session, pass_id: str, quantity: int, now: datetime) -> Pass | None:
    """Carry out the guarded update that makes a use a use only once."""
    return _change(
        session,
        pass_id,
        sources=("valid",),
        now=now,
        where=(Pass.uses_left >= quantity,),
        values={
            "uses_left": Pass.uses_left - quantity,
            "state": case((Pass.uses_left == quantity, "used"), else_="valid"),
        },
        targets=("used", "valid"),
    )


def unspend(session: Session, *, pass_id: str, quantity: int, value: int, now: datetime) -> Pass:
    """Give uses and their value back after an undone redemption; refused once money is on its way back."""
    given = _change(
        session,
        pass_id,
        sources=("valid", "used"),
        now=now,
        where=(Pass.uses_left + quantity <= Pass.uses, Pass.spent >= value),
        values={"uses_left": Pass.uses_left + quantity, "spent": Pass.spent - value, "state": "valid"},
        targets=("valid",),
    )
    if given is None:
        raise RuleBroken(
            "pass_moved_on", N_("This pass is being refunded or has ended, so this cannot be undone.")
        )
    return given


def begin_refund(session: Session, *, pass_id: str, cause: str) -> Pass:
    """Take a pass out of use for a refund: a valid one for its guest, an expired one at expiry."""
    source = {"guest": "valid", "expiry": "expired"}[cause]
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


def get_locked(session: Session, *, pass_id: str) -> Pass:
    """Return a pass as it is now, held until the commit; NotAllowed when there is none."""
    found = session.get(Pass, pass_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotAllowed
    return found


def _change(
    session: Session,
    pass_id: str,
    *,
    sources: Sequence[str],
    targets: Sequence[str],
    values: Mapping[str, Any],
    now: datetime,
    where: Sequence[Any] = (),
) -> Pass | None:
    """Change a pass by one conditional update, if PASS_STATES knows the way; None when it did not apply."""
    for source in sources:
        for target in targets:
            if target != source and target not in PASS_STATES[source]:
                raise ValueError(f"a pass never goes from {source} to {target}")
    statement = (
        update(Pass)
        .where(Pass.id == pass_id, Pass.state.in_(sources), *where)
        .values(changed_at=now, **values)
        .returning(Pass)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return session.scalars(statement).one_or_none()
