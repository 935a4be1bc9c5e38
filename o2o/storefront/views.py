"""The roof's pages for the guest."""

from flask import Blueprint, Flask, Response, current_app

from o2o.kernel import clock
from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page
from o2o.kernel.words import N_
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
    said = shop_page.gather(db.session, row, current_app.config["O2O"], now=clock.now(), locale=html_lang())
    return page("storefront/shop.html", cache="page", **said)


def _must_be_listed(row: Shop) -> None:
    """Say plainly that a shop was taken off the map; what nobody listed yet looks missing."""
    if row.status == "delisted":
        raise RuleBroken("delisted", N_("This shop is no longer listed here."), status=410)
    if row.status not in VISIBLE:
        raise NotAllowed


def init_app(app: Flask) -> None:
    """Register what lives in files of its own."""
    app.register_blueprint(wallet.bp)
