"""Which postings of a shop's book are about what its present owners did, and what they sum to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, not_, select, true, union_all
from sqlalchemy.orm import Session

from o2o.claims.models import Claim
from o2o.conflicts.models import Conflict
from o2o.ledger import queries as ledger
from o2o.ledger.models import Leg, Posting
from o2o.orders.models import Order
from o2o.redemption.models import Redemption


def own_postings(shop_id: int, since: datetime | None) -> ColumnElement[bool]:
    """Say which postings are later than `since` and about nothing that began before.

    A use becomes final, a refund leaves and a cover is paid after its day: that money is the former owner's still.
    """
    if since is None:
        return true()
    said = union_all(
        _subject("order:", Order.id, Order.shop_id == shop_id, Order.created_at <= since),
        _subject("redemption:", Redemption.id, Redemption.shop_id == shop_id, Redemption.at <= since),
        _subject("conflict:", Conflict.id, Conflict.shop_id == shop_id, Claim.at <= since).join(
            Claim, Claim.id == Conflict.claim_id
        ),
    ).subquery()
    return and_(Posting.at > since, not_(Posting.subject.in_(select(said.c.subject))))


def sums(session: Session, shop_id: int, since: datetime | None) -> dict[tuple[str, str], int]:
    """Return the balances of a shop's book by (account, currency), of its own postings alone, debit positive."""
    book = ledger.shop_book(shop_id)
    if since is None:
        return ledger.balances(session, book)
    rows = select(Leg.account, Leg.currency, func.sum(Leg.amount)).join(Posting, Posting.id == Leg.posting_id)
    rows = rows.where(Posting.book == book, own_postings(shop_id, since)).group_by(Leg.account, Leg.currency)
    found = session.execute(rows.order_by(Leg.account, Leg.currency))
    return {(account, currency): int(amount) for account, currency, amount in found}


def _subject(word: str, column: Any, *where: ColumnElement[bool]) -> Any:
    return select((literal(word) + cast(column, String)).label("subject")).where(*where)
