"""What a shop of the browser tests hangs up: photos, special days, a menu and pages of paper, a code at a table."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.menu_changes import rules as menu_changes
from o2o.menu_lines.lines import Kept, Line
from o2o.menu_lines.reading import read
from o2o.menu_lines.weighing import weigh
from o2o.menu_pages import rules as menu_pages
from o2o.menus import rules as menus
from o2o.photos import rules as photos
from o2o.pictures import rules as pictures
from o2o.shops import rules as shops
from o2o.shops.models import Shop
from tests import factories
from tests.photos.pictures import scene, written

MENU_IMPORT = "5" * 16


def decorate(session: Session, shop: Shop, *words: str) -> None:
    """Give a shop three photos, two runs of special days and a code at a table, described at length."""
    prepared = photos.prepare(written(scene(1600, 900)))
    account_id, now = factories.make_account(session, "owner").id, clock.now()
    for caption in (*words, ""):
        given = {"account_id": account_id, "prepared": prepared, "caption": caption}
        pictures.add(session, shop_id=shop.id, **given, now=now)
    menu_pages.keep(session, shop_id=shop.id, account_id=account_id, prepared=[prepared] * 2, now=now)
    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    for start, minutes in ((3, None), (10, (1080, 1560))):
        days = {"first": today + timedelta(days=start), "last": today + timedelta(days=start + 2)}
        shops.set_special(session, shop_id=shop.id, **days, minutes=minutes, note=words[0], now=now)
    factories.make_poster(session, shop, "Table 1")
    write_menu(session, shop, account_id, *words)


def write_menu(session: Session, shop: Shop, account_id: int, english: str, chinese: str) -> None:
    """Write a menu of the longest words, and bring a file that changes some of it and is wrong in places."""
    names = [
        Line(chinese[:80], f"{chinese[:110]}{number}", english[:160], 990_000, chinese[:20])
        for number in range(3)
    ]
    names += [Line("", "白开水", "", 0), Line(english[:80], "今日鲜鱼", "", None, "斤", chinese[:300])]
    menu = menus.locked(session, shop_id=shop.id)
    menus.write(session, menu=menu, kept=[Kept(None, line) for line in names])
    said = weigh(
        read(f"name,price,section\n白开水,2,\n{english[:100]},9900,\n{chinese},x,{chinese}\n".encode()), "CNY"
    )
    given = {"account_id": account_id, "name": f"{english}.csv", "mode": "replace"}
    row = menu_changes.keep(session, shop_id=shop.id, **given, weighed=said)
    row.id = MENU_IMPORT
