"""The sums that rooms above keep at a shop for lists and ranking; whoever counts calls here, nobody adds up."""

from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.shops import queries


def rate(session: Session, *, shop_id: int, total: int, count: int) -> None:
    """Store the sum and the number of the ratings that count; fact shop.rated when it changed."""
    _store(session, shop_id, rating_sum=total, rating_count=count)


def honour(session: Session, *, shop_id: int, yes: int, count: int) -> None:
    """Store how many said that they got what was advertised, of how many; fact shop.rated when it changed."""
    _store(session, shop_id, honest_yes=yes, honest_count=count)


def set_left(session: Session, *, shop_id: int, has_left: bool) -> None:
    """Say whether something of an offer can still be bought; fact shop.rated when it changed."""
    _store(session, shop_id, has_left=has_left)


def _store(session: Session, shop_id: int, **values: int) -> None:
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    changed = {name: value for name, value in values.items() if getattr(shop, name) != value}
    for name, value in changed.items():
        setattr(shop, name, value)
    if changed:
        session.flush()
        journal.record(session, "shop.rated", shop_id=shop_id)
