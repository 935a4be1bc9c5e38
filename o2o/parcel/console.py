"""The owner's one file: everything of the shop, to take to any other system."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, send_file
from flask_login import current_user

from o2o.guests import queries
from o2o.guests import rules as guests
from o2o.kernel import clock, journal, limits
from o2o.kernel.access import owner_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.locales import html_lang
from o2o.parcel import packing
from o2o.shops import queries as shops

bp = Blueprint("parcel_console", __name__)
MOST_AN_HOUR = 6


@bp.post("/console/<int:shop>/export")
@policy(owner_of("shop"), fresh=5)
def export(shop: int) -> Response:
    """Give the owner everything of the shop in one file; each guest in it can read that."""
    limits.hit(db.session, "parcel", shop, most=MOST_AN_HOUR, per=timedelta(hours=1))
    staff_id, now = current_user.account_id, clock.now()
    begin_write()
    known = queries.known_to(db.session, shop, shops.kept_from(db.session, shop))
    guests.look(db.session, shop_id=shop, staff_id=staff_id, account_ids=known, what="export", now=now)
    db.session.commit()
    journal.deliver(db.session)
    file = packing.make(db.session, order_of(shop))
    db.session.rollback()
    name = f"shop-{shop}-{now.date()}.zip"
    response = send_file(file, "application/zip", as_attachment=True, download_name=name, max_age=None)
    response.headers["Cache-Control"] = "no-store"
    return response


def order_of(shop_id: int) -> packing.Order:
    """Say for whom a parcel is made."""
    town = shops.founded(db.session)
    secret = current_app.config["O2O"].secret_key
    since = shops.kept_from(db.session, shop_id)
    return packing.Order(shop_id, town.currency, town.zone, html_lang(), secret, since)
