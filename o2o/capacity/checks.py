"""The invariant of scarce things."""

from collections.abc import Iterator

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from o2o.capacity.models import Hold, HoldPart, Pool
from o2o.kernel.checks import invariant


@invariant("I11", "a pool holds what its live holds hold, has sold what was committed, and never too much")
def pools_add_up(session: Session) -> Iterator[str]:
    """Name pools whose counters differ from their holds or pass their limit."""
    held = func.coalesce(func.sum(case((Hold.state == "held", HoldPart.quantity), else_=0)), 0)
    sold = func.coalesce(func.sum(case((Hold.state == "committed", HoldPart.quantity), else_=0)), 0)
    wrong = (
        select(Pool.key, Pool.quantity, Pool.held, Pool.committed, held, sold)
        .outerjoin(HoldPart, HoldPart.pool_id == Pool.id)
        .outerjoin(Hold, Hold.id == HoldPart.hold_id)
        .group_by(Pool.id)
        .having(or_(Pool.held != held, Pool.committed != sold, Pool.committed + Pool.held > Pool.quantity))
    )
    for row in session.execute(wrong):
        yield f"pool {row[0]}: held {row[2]} of {row[4]}, committed {row[3]} of {row[5]}, limit {row[1]}"
