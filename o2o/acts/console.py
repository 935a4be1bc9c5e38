"""The owner reads what was done in the shop's name."""

from flask import Blueprint, Response
from flask_login import current_user

from o2o.acts import hook, queries
from o2o.acts.show import lines, searched, wanted
from o2o.kernel.access import owner_of, policy
from o2o.kernel.db import db
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page
from o2o.shops import queries as shops

__all__ = ["bp", "init_app"]

bp = Blueprint("acts_console", __name__)
init_app = hook.init_app


@bp.get("/console/<int:shop>/acts")
@policy(owner_of("shop"))
def acts(shop: int) -> Response:
    """List the shop's acts, the newest first."""
    desk = shops.desk(db.session, account_id=current_user.account_id, shop_id=shop, locale=html_lang())
    search, zone = searched(), shops.founded(db.session).zone
    rows, before = queries.acts(db.session, wanted(db.session, search, zone, shop_id=shop))
    return page(
        "acts/acts.html",
        block="results",
        desk=desk,
        here=f"/console/{shop}/acts",
        search=search,
        lines=lines(db.session, rows, zone, platform=False),
        before=before,
    )
