"""What always holds of the index of words."""

from collections.abc import Iterator

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from o2o.kernel.checks import invariant
from o2o.shops.models import VISIBLE, Shop
from o2o.vocabulary.models import PhraseUse, ShopTerm

MOST_NAMED = 20


@invariant(
    "I15", "a shop found by its words is found by their sound, and one that is gone by neither: flask reindex"
)
def shops_indexed(session: Session) -> Iterator[str]:
    """Name the first shops that are in one half of the index only, or in it though they are gone."""
    terms, uses = exists().where(ShopTerm.shop_id == Shop.id), exists().where(PhraseUse.shop_id == Shop.id)
    halves = or_(and_(terms, ~uses), and_(uses, ~terms), and_(Shop.status.not_in(VISIBLE), or_(terms, uses)))
    rows = select(Shop.id).where(halves).order_by(Shop.id).limit(MOST_NAMED)
    yield from (f"shop {number}" for number in session.scalars(rows))
