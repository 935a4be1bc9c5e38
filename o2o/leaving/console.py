"""The owner's way out: the page with the file and the closing, and the closing itself."""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, journal, refill
from o2o.kernel.access import owner_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.locales import html_lang
from o2o.kernel.money import format_money
from o2o.kernel.web import page, see_other, toast
from o2o.leaving import queries, rules
from o2o.leaving.forms import CloseForm
from o2o.offers.rules import local_day
from o2o.shops import queries as shops

bp = Blueprint("leaving_console", __name__)


@bp.get("/console/<int:shop>/leave")
@policy(owner_of("shop"))
def leave(shop: int) -> Response:
    """Show the ways out: the file, the closing with its numbers, or the closing that is under way."""
    return leave_page(shop, CloseForm(refill.typed()))


@bp.post("/console/<int:shop>/close")
@policy(owner_of("shop"), fresh=5, refill="leaving_console.leave")
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
