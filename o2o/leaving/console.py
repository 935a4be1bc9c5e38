"""The owner's way out: everything in one file, and the shop's closing."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, send_file
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from o2o.guests import rules as guests
from o2o.guests.models import Guest
from o2o.kernel import clock, journal, limits
from o2o.kernel.access import owner_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.locales import html_lang
from o2o.kernel.money import format_money
from o2o.kernel.web import page, see_other, toast
from o2o.leaving import parcel, queries, rules
from o2o.leaving.forms import CloseForm
from o2o.offers.rules import local_day
from o2o.shops import queries as shops

bp = Blueprint("leaving_console", __name__)
MOST_AN_HOUR = 6


@bp.get("/console/<int:shop>/leave")
@policy(owner_of("shop"))
def leave(shop: int) -> Response:
    """Show the ways out: the file, the closing with its numbers, or the closing that is under way."""
    return leave_page(shop, CloseForm(formdata=None))


@bp.post("/console/<int:shop>/export")
@policy(owner_of("shop"), fresh=5)
def export(shop: int) -> Response:
    """Give the owner everything of the shop in one file; each guest in it can read that."""
    limits.hit(db.session, "parcel", shop, most=MOST_AN_HOUR, per=timedelta(hours=1))
    staff_id, now = current_user.account_id, clock.now()
    begin_write()
    known = db.session.scalars(select(Guest.account_id).where(Guest.shop_id == shop)).all()
    guests.look(db.session, shop_id=shop, staff_id=staff_id, account_ids=known, what="export", now=now)
    db.session.commit()
    journal.deliver(db.session)
    file = parcel.make(db.session, order_of(shop))
    db.session.rollback()
    name = f"shop-{shop}-{now.date()}.zip"
    response = send_file(file, "application/zip", as_attachment=True, download_name=name, max_age=None)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/console/<int:shop>/close")
@policy(owner_of("shop"), fresh=5)
def close(shop: int) -> Response:
    """Announce the shop's closing."""
    form, account_id = CloseForm(), current_user.account_id
    if not form.validate():
        return leave_page(shop, form, status=422)
    begin_write()
    rules.announce(db.session, shop_id=shop, account_id=account_id, days=form.days.data, now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    toast(_("The closing is announced. Until the day itself you can take it back here."))
    return see_other(f"/console/{shop}/leave")


@bp.post("/console/<int:shop>/stay")
@policy(owner_of("shop"))
def stay(shop: int) -> Response:
    """Take the closing back."""
    account_id = current_user.account_id
    begin_write()
    rules.take_back(db.session, shop_id=shop, account_id=account_id, now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    toast(_("The shop stays. Its offers sell again as before."))
    return see_other(f"/console/{shop}/leave")


def leave_page(shop_id: int, form: CloseForm, *, status: int = 200) -> Response:
    """Render the page with what a closing would do now."""
    session, locale = db.session, html_lang()
    desk = shops.desk(session, account_id=current_user.account_id, shop_id=shop_id, locale=locale)
    town, closing = shops.founded(session), queries.live(session, shop_id)
    stakes = queries.stakes(session, shop_id, town.currency)
    return page(
        "leaving/leave.html",
        desk=desk,
        form=form,
        closing=closing,
        day=closing and local_day(closing.closes_at, town.timezone),
        is_due=closing is not None and closing.closes_at <= clock.now(),
        stakes=stakes,
        value=format_money(stakes.value, town.currency, locale),
        owed=format_money(stakes.owed, town.currency, locale),
        status=status,
    )


def order_of(shop_id: int) -> parcel.Order:
    """Say for whom a parcel is made."""
    town = shops.founded(db.session)
    secret = current_app.config["O2O"].secret_key
    return parcel.Order(shop_id, town.currency, town.zone, html_lang(), secret)
