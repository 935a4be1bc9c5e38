"""The roof's pages for the guest."""

from flask import Blueprint, Flask, Response, current_app

from o2o.kernel import clock
from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page
from o2o.kernel.words import N_
from o2o.offers import queries as offers
from o2o.pictures import queries as pictures
from o2o.places import categories
from o2o.shops import queries as shops
from o2o.shops.models import VISIBLE, Shop
from o2o.storefront import shop_page, wallet

bp = Blueprint("storefront", __name__)


@bp.get("/shops/<int:shop>")
@policy(public)
def shop(shop: int) -> Response:
    """Show everything known about a shop, and what it sells."""
    row = shops.shop(db.session, shop, behind=True)
    _must_be_listed(row)
    town = shops.founded(db.session)
    settings = current_app.config["O2O"]
    now, locale = clock.now(), html_lang()
    selling = offers.offers_on_sale(db.session, shop)
    address = f"{settings.base_url}/shops/{row.id}"
    return page(
        "storefront/shop.html",
        cache="page",
        shop=row,
        name=shops.shop_name(row, locale),
        other_names=shop_page.other_names(row, locale),
        kind=categories.category(row.category),
        hours=shop_page.hours_view(row, town, now, locale),
        wheelchair=shop_page.WHEELCHAIR.get(row.wheelchair or ""),
        website=shop_page.website_of(row),
        map=shop_page.still_map(row, town, settings.tile_url),
        offers=selling,
        pictures=pictures.of_shop(db.session, shop) if row.status == "claimed" else [],
        here=address,
        json_ld=shop_page.json_ld(row, town, selling, address=address, now=now),
    )


def _must_be_listed(row: Shop) -> None:
    """Say plainly that a shop was taken off the map; what nobody listed yet looks missing."""
    if row.status == "delisted":
        raise RuleBroken("delisted", N_("This shop is no longer listed here."), status=410)
    if row.status not in VISIBLE:
        raise NotAllowed


def init_app(app: Flask) -> None:
    """Register what lives in files of its own."""
    app.register_blueprint(wallet.bp)
