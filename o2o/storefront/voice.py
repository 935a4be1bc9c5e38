"""What a pass asks its holder after a use: was it as advertised, how was it, a line to the shop."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from o2o.kernel.db import new_id
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.reviews import queries as reviews

SILENT = ("", False, None, "", "")


class Voice(NamedTuple):
    """What stands beside one use: its id, whether to ask, the answer given, where to write or read, a line's key."""

    id: str
    asks: bool
    answer: bool | None
    review: str
    line_key: str


def voices(session: Session, pass_: Pass, rows: Sequence[Redemption], now: datetime) -> list[Voice]:
    """Say for each use what its holder may say about it; people who work at the shop are asked nothing."""
    ids = [row.id for row in rows if row.annulled_at is None]
    if not ids:
        return [Voice(*SILENT) for _ in rows]
    works = reviews.works_there(session, account_id=pass_.account_id, shop_id=pass_.shop_id, at=now)
    answers, written = reviews.answer_of(session, ids), reviews.review_of(session, ids)
    found = []
    for row in rows:
        open_ = row.id in ids and now - row.at <= reviews.OWED_FOR and not works
        link = f"/reviews/new?redemption={row.id}" if open_ else ""
        link = f"/reviews/{written[row.id]}" if row.id in written else link
        asks = open_ and row.id not in answers
        found.append(Voice(row.id, asks, answers.get(row.id), link, new_id() if open_ else ""))
    return found
