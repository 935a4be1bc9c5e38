"""Hold, extend, commit and release; the conditional UPDATE of the pool is the only guard.

Locks are taken in one order: the hold's row, expired holds by id, pools by id. Nothing below takes another.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CursorResult, ScalarSelect, and_, select, update
from sqlalchemy.orm import Session

from o2o.capacity.models import Hold, HoldPart, Pool
from o2o.kernel import clock
from o2o.kernel.db import insert_ignore
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_

MOST_AT_ONCE = 500


class Claim(NamedTuple):
    """Ask one pool for a quantity; the limit is the pool's size as the taker's rules say it."""

    key: str
    limit: int
    quantity: int


def hold_all(session: Session, *, claims: Sequence[Claim], until: datetime, key: str) -> Hold:
    """Hold every claim until a moment, or nothing at all; the same key is the same hold, whatever came of it.

    In order: writes the hold, creates missing pools, releases the pools' expired holds, takes from each pool
    by one conditional UPDATE. Raises RuleBroken "sold_out", "sold_out_today" or "per_person" (409) by the key
    of the pool that is short, "key_reused" for the same key with other claims, ValueError for a claim of
    nothing. After a refusal the session holds nothing of this attempt.
    """
    wanted = sorted(claims)
    if any(claim.quantity < 1 for claim in wanted) or len({claim.key for claim in wanted}) < len(wanted):
        raise ValueError("claims need a positive quantity and one pool each")
    with session.begin_nested():
        if not _write_hold(session, until, key):
            return _same_hold(session, wanted, key)
        _take(session, wanted, key)
    return session.scalars(select(Hold).where(Hold.key == key)).one()


def extend(session: Session, *, key: str, until: datetime) -> bool:
    """Move a live hold's end; tell whether the hold now lives at least until then."""
    live = (Hold.key == key, Hold.state == "held", Hold.until > clock.now())
    _change(session, update(Hold).where(*live, Hold.until < until).values(until=until))
    end = session.scalar(select(Hold.until).where(*live))
    return end is not None and end >= until


def commit(session: Session, *, key: str) -> bool:
    """Turn a hold into a sale; tell whether it is one now (also when it was before).

    A hold that ran out and that nobody needed meanwhile still counts: its places are untouched.
    """
    return _finish(session, key, "committed")


def release(session: Session, *, key: str) -> bool:
    """Give a hold back; tell whether it is released now (also when it was before)."""
    return _finish(session, key, "released")


def set_limit(session: Session, *, key: str, limit: int) -> None:
    """Change a pool's size; a pool nobody claimed yet gets its size with the first claim.

    Raises RuleBroken "limit_below_sold" (409) when more is sold or held already.
    """
    pool_id = session.scalar(select(Pool.id).where(Pool.key == key))
    if pool_id is None:
        return
    _apply(session, _release_expired(session, [pool_id], clock.now()))
    fits = and_(Pool.id == pool_id, Pool.committed + Pool.held <= limit)
    if _change(session, update(Pool).where(fits).values(quantity=limit)):
        return
    taken = session.scalar(select(Pool.committed + Pool.held).where(Pool.id == pool_id))
    raise RuleBroken(
        "limit_below_sold",
        N_("%(taken)s are sold or being paid for already; the limit cannot be lower than that."),
        taken=taken,
    )


def release_expired(session: Session, *, now: datetime, most: int = MOST_AT_ONCE) -> int:
    """Release up to `most` holds that ran out, whatever their pools; return how many."""
    released = _release_expired(session, None, now, most)
    _apply(session, released)
    return len(released)


def refuse(key: str) -> RuleBroken:
    """Word the refusal for the pool that is short."""
    if ":person:" in key:
        return RuleBroken("per_person", N_("You have bought as many of these as one person may."))
    if ":day:" in key:
        return RuleBroken("sold_out_today", N_("Today's share is sold out. There may be more tomorrow."))
    return RuleBroken("sold_out", N_("This is sold out. You have not been charged."))


def _write_hold(session: Session, until: datetime, key: str) -> bool:
    """Insert the hold; on PostgreSQL a rival with the same key is waited for here."""
    row = {"key": key, "state": "held", "until": until, "created_at": clock.now()}
    return bool(insert_ignore(session, Hold.__table__, row))  # type: ignore[arg-type]


def _same_hold(session: Session, wanted: Sequence[Claim], key: str) -> Hold:
    hold = session.scalars(select(Hold).where(Hold.key == key)).one()
    parts = select(Pool.key, HoldPart.quantity).join(Pool, Pool.id == HoldPart.pool_id)
    held = {row[0]: row[1] for row in session.execute(parts.where(HoldPart.hold_id == hold.id))}
    if held != {claim.key: claim.quantity for claim in wanted}:
        raise RuleBroken(
            "key_reused", N_("This form was already sent with other content. Please reload the page.")
        )
    return hold


def _take(session: Session, wanted: Sequence[Claim], key: str) -> None:
    pools = _pools(session, wanted)
    released = _released_parts(session, _release_expired(session, list(pools.values()), clock.now()))
    hold_id = session.scalars(select(Hold.id).where(Hold.key == key)).one()
    claims = {pools[claim.key]: claim for claim in wanted}
    # One walk over all pools, in their order: giving back and taking in two walks would deadlock.
    for pool_id in sorted(claims.keys() | released.keys()):
        _give_back(session, pool_id, released[pool_id])
        if pool_id in claims and not take_from_pool(session, pool_id=pool_id, claim=claims[pool_id]):
            raise refuse(claims[pool_id].key)
    parts = [HoldPart(hold_id=hold_id, pool_id=pools[claim.key], quantity=claim.quantity) for claim in wanted]
    session.add_all(parts)
    session.flush()


def _pools(session: Session, wanted: Sequence[Claim]) -> dict[str, int]:
    """Return the ids of the claims' pools by key, creating those that nobody claimed before."""
    keys = [claim.key for claim in wanted]
    by_key = select(Pool.key, Pool.id).where(Pool.key.in_(keys))
    known = {row[0]: row[1] for row in session.execute(by_key)}
    for claim in wanted:
        if claim.key not in known:
            row = {"key": claim.key, "quantity": claim.limit, "held": 0, "committed": 0}
            insert_ignore(session, Pool.__table__, row)  # type: ignore[arg-type]
    if len(known) < len(wanted):
        known = {row[0]: row[1] for row in session.execute(by_key)}
    return known


def take_from_pool(session: Session, *, pool_id: int, claim: Claim) -> bool:
    """Take from one pool if that fits its limit; tell whether it did. The races' control replaces this."""
    fits = and_(Pool.id == pool_id, Pool.committed + Pool.held + claim.quantity <= claim.limit)
    taken = update(Pool).where(fits).values(held=Pool.held + claim.quantity, quantity=claim.limit)
    return bool(_change(session, taken))


def _release_expired(
    session: Session, pool_ids: Iterable[int] | None, now: datetime, most: int = MOST_AT_ONCE
) -> list[int]:
    """Mark holds that ran out as released, oldest first; return the ids of those this call changed."""
    due = select(Hold.id).where(Hold.state == "held", Hold.until <= now).order_by(Hold.id).limit(most)
    if pool_ids is not None:
        due = due.where(Hold.id.in_(_holds_of(pool_ids)))
    found = list(session.scalars(due.with_for_update()))
    if not found:
        return []
    gone = update(Hold).where(Hold.id.in_(found), Hold.state == "held", Hold.until <= now)
    return list(session.scalars(gone.values(state="released").returning(Hold.id)))


def _holds_of(pool_ids: Iterable[int]) -> ScalarSelect[int]:
    return select(HoldPart.hold_id).where(HoldPart.pool_id.in_(list(pool_ids))).scalar_subquery()


def _released_parts(session: Session, hold_ids: Sequence[int]) -> Counter[int]:
    """Sum by pool what these holds took."""
    back: Counter[int] = Counter()
    if hold_ids:
        parts = select(HoldPart.pool_id, HoldPart.quantity).where(HoldPart.hold_id.in_(hold_ids))
        for pool_id, quantity in session.execute(parts):
            back[pool_id] += quantity
    return back


def _give_back(session: Session, pool_id: int, quantity: int) -> None:
    if quantity:
        _change(session, update(Pool).where(Pool.id == pool_id).values(held=Pool.held - quantity))


def _apply(session: Session, hold_ids: Sequence[int]) -> None:
    """Give what these released holds took back to their pools, in the pools' order."""
    back = _released_parts(session, hold_ids)
    for pool_id in sorted(back):
        _give_back(session, pool_id, back[pool_id])


def _finish(session: Session, key: str, state: str) -> bool:
    """Move a held hold to its final state, and its quantities with it."""
    moved = update(Hold).where(Hold.key == key, Hold.state == "held").values(state=state).returning(Hold.id)
    hold_id = session.scalar(moved)
    if hold_id is None:
        return session.scalar(select(Hold.state).where(Hold.key == key)) == state
    parts = select(HoldPart.pool_id, HoldPart.quantity).where(HoldPart.hold_id == hold_id)
    for pool_id, quantity in session.execute(parts.order_by(HoldPart.pool_id)).all():
        values = {"held": Pool.held - quantity}
        if state == "committed":
            values["committed"] = Pool.committed + quantity
        _change(session, update(Pool).where(Pool.id == pool_id).values(values))
    return True


def _change(session: Session, statement: object) -> int:
    """Run an UPDATE and return how many rows it changed."""
    result = session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]
    assert isinstance(result, CursorResult)  # noqa: S101
    return int(result.rowcount)
