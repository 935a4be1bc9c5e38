"""Two warned shops, one of which objects, for the tests that visit every page."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.sanctions import rules
from o2o.shops.models import Shop
from tests import factories
from tests.browser.voices import LONG_WORD, WORDS

if TYPE_CHECKING:
    from tests.browser.world import World


def warn(session: Session, world: "World") -> None:
    """Warn two shops in long words, which holds nobody back: one owner objects."""
    words = f"{LONG_WORD} {WORDS}"[: rules.LONGEST]
    shop = session.get_one(Shop, world.shop)
    row = factories.make_sanction(session, shop, words, link=f"/operator/shops/{shop.id}/sanctions")
    owner = factories.make_account(session, "owner").id
    rules.appeal(session, shop_id=shop.id, sanction_id=row.id, by=owner, words=words, now=clock.now())
    world.sanctions["appealed"] = row.id
    second = factories.make_shop(session, name=LONG_WORD)
    world.sanctions["open"] = factories.make_sanction(session, second, words).id
