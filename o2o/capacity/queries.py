"""What is left, read without a lock: cheap enough to ask before every attempt."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.capacity.models import Hold, HoldPart, Pool
from o2o.kernel import clock

if TYPE_CHECKING:
    from o2o.capacity.rules import Claim


def left(session: Session, keys: Iterable[str], *, now: datetime | None = None) -> dict[str, int]:
    """Return what each pool still has; a pool that nobody claimed yet is absent: all of its limit is left.

    Holds that ran out count as free even before somebody releases them.
    """
    known = _taken(session, list(keys), now or clock.now())
    return {key: max(quantity - used, 0) for key, (quantity, used) in known.items()}


def taken(session: Session, keys: Iterable[str], *, now: datetime | None = None) -> dict[str, int]:
    """Return how much of each pool is sold or held; a pool that nobody claimed yet is absent.

    For those who know the limit better than the pool does, which learns a new one with the next claim.
    """
    known = _taken(session, list(keys), now or clock.now())
    return {key: used for key, (_quantity, used) in known.items()}


def short_of(session: Session, claims: Sequence["Claim"], *, now: datetime | None = None) -> str | None:
    """Return the key of a pool that cannot give its claim at this moment, None when all can: a precheck."""
    known = _taken(session, [claim.key for claim in claims], now or clock.now())
    for claim in claims:
        used = known.get(claim.key, (0, 0))[1]
        if used + claim.quantity > claim.limit:
            return claim.key
    return None


def _taken(session: Session, keys: Sequence[str], now: datetime) -> dict[str, tuple[int, int]]:
    stale = (
        select(func.coalesce(func.sum(HoldPart.quantity), 0))
        .join(Hold, Hold.id == HoldPart.hold_id)
        .where(HoldPart.pool_id == Pool.id, Hold.state == "held", Hold.until <= now)
        .scalar_subquery()
    )
    rows = select(Pool.key, Pool.quantity, Pool.committed + Pool.held - stale).where(Pool.key.in_(keys))
    return {row[0]: (row[1], int(row[2])) for row in session.execute(rows)}


def any_expired(session: Session, *, now: datetime) -> bool:
    """Tell whether a hold ran out and waits for its release."""
    due = select(Hold.id).where(Hold.state == "held", Hold.until <= now).limit(1)
    return session.execute(due).first() is not None
