"""A shop's menu for everybody: the page, its next part, and the window on the shop's own page."""

from flask import Blueprint, Response

from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.errors import NotAllowed
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, wants_fragment
from o2o.menus import show
from o2o.shops import queries as shops

bp = Blueprint("menus", __name__)
WINDOW = 8


@bp.get("/shops/<int:shop>/menu")
@policy(public)
def of_shop(shop: int) -> Response:
    """Show what a shop that keeps its page has on its menu; of others nobody knows who wrote it."""
    row, number = shops.shop(db.session, shop), show.number_of_page()
    if row.status != "claimed":
        raise NotAllowed
    locale, town = html_lang(), shops.founded(db.session)
    is_window = wants_fragment() and number == 1
    return page(
        "menus/shop.html",
        block="more" if number > 1 else "window",
        cache="page",
        shop=row,
        name=shops.shop_name(row, locale),
        menu=show.shown(db.session, shop, number, most=WINDOW if is_window else show.PAGE_LINES),
        chips=show.MOST_CHIPS,
        is_window=is_window,
        **show.words(town.currency, locale),
    )
