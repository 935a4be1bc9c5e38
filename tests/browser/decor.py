"""What a shop of the browser tests hangs up: photos, special days, a code at a table."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.photos import rules as photos
from o2o.pictures import rules as pictures
from o2o.shops import rules as shops
from o2o.shops.models import Shop
from tests import factories
from tests.photos.pictures import scene, written


def decorate(session: Session, shop: Shop, *words: str) -> None:
    """Give a shop three photos, two runs of special days and a code at a table, described at length."""
    prepared = photos.prepare(written(scene(1600, 900)))
    account_id, now = factories.make_account(session, "owner").id, clock.now()
    for caption in (*words, ""):
        given = {"account_id": account_id, "prepared": prepared, "caption": caption}
        pictures.add(session, shop_id=shop.id, **given, now=now)
    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    for start, minutes in ((3, None), (10, (1080, 1560))):
        days = {"first": today + timedelta(days=start), "last": today + timedelta(days=start + 2)}
        shops.set_special(session, shop_id=shop.id, **days, minutes=minutes, note=words[0], now=now)
    factories.make_poster(session, shop, "Table 1")
