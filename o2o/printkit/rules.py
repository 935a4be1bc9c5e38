"""The one verb of the print kit: codes for tables."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from o2o.checkin import queries as posters
from o2o.checkin import rules as checkin
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.shops import queries as shops

MOST_TABLES = 60


def make_tables(
    session: Session,
    *,
    shop_id: int,
    count: int,
    labels: Mapping[int, str],
    known: Mapping[str, int],
    now: datetime,
) -> int:
    """Hang a poster at each of the tables 1 to count that has none; return how many were made.

    `labels` names the tables, `known` says which number a poster's label means, in any language. Raises RuleBroken
    bad_count (422, field "count").
    """
    if not 1 <= count <= MOST_TABLES:
        sentence = N_("Give a number from 1 to %(most)s.")
        raise RuleBroken("bad_count", sentence, status=422, field="count", most=MOST_TABLES)
    shops.shop(session, shop_id, lock=True, behind=True)
    taken = {known.get(poster.label) for poster in posters.live_posters(session, shop_id)}
    missing = [number for number in range(1, count + 1) if number not in taken]
    for number in missing:
        checkin.hang(session, shop_id=shop_id, label=labels[number], now=now)
    return len(missing)
