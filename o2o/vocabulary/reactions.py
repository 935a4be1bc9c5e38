"""What the index does when a shop or its offers change."""

from sqlalchemy.orm import Session

from o2o.kernel.journal import Fact, reacts_to
from o2o.vocabulary import rules


@reacts_to("shop.changed", "offer.changed")
def index_again(session: Session, fact: Fact) -> None:
    """Write the shop's search terms anew."""
    rules.reindex(session, shop_ids=[int(fact.ids["shop_id"])])
