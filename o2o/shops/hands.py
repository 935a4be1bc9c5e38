"""In whose hands a shop was, one owner after the other."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.shops.models import Role


def others_until(session: Session, shop_id: int) -> datetime | None:
    """Say until when a shop was in other hands than now; None where it never was, or is in none.

    While there is always an owner it stays in the same hands, whoever hands it to whom: only a closing breaks that.
    Whoever owned it before a closing and owns it again is not somebody else.
    """
    owned = select(Role.account_id, Role.created_at, Role.ended_at).where(Role.shop_id == shop_id)
    times: list[tuple[set[int], datetime | None]] = []
    for account_id, began, ended in session.execute(
        owned.where(Role.kind == "owner").order_by(Role.created_at, Role.id)
    ):
        last = times[-1][1] if times else began
        if times and (last is None or began <= last):
            end = None if last is None or ended is None else max(last, ended)
            times[-1] = times[-1][0] | {account_id}, end
        else:
            times.append(({account_id}, ended))
    if not times or times[-1][1] is not None:
        return None
    hands = set(times[-1][0])
    for people, ended in reversed(times[:-1]):
        if hands.isdisjoint(people):
            return ended
        hands |= people
    return None
