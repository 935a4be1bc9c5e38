"""The till's part: who has arrived, and one tap that says so."""

from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, Response, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from o2o.acts import rules as acts
from o2o.checkin import queries, rules
from o2o.checkin.show import ago, bucket_words
from o2o.kernel import clock, journal
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed
from o2o.kernel.locales import html_lang
from o2o.kernel.web import GREATEST_ID, page, see_other, wants_fragment
from o2o.shops import queries as shops
from o2o.shops.models import Shop

bp = Blueprint("arrivals", __name__)


class Line(NamedTuple):
    """An arrival, ready to print; `state` is confirmed, staff or open."""

    id: str
    alias: str
    ago: str
    distance: str
    state: str


@bp.get("/till/arrivals")
@policy(signed_in)
def arrivals() -> AnyResponse:
    """List the arrivals of the last four hours at a shop where the visitor works."""
    asked = request.args.get("shop", current_user.shop_id, type=int)
    if asked is None:
        return see_other("/till")
    if not 1 <= asked <= GREATEST_ID:
        raise NotAllowed
    return show(shops.staff_shop(db.session, account_id=current_user.account_id, shop_id=asked))


@bp.post("/till/arrivals/<arrival_id>/confirm")
@policy(signed_in)
def confirm(arrival_id: str) -> Response:
    """Confirm an arrival; a second press changes nothing."""
    visit = queries.one(db.session, arrival_id)
    shop = shops.staff_shop(db.session, account_id=current_user.account_id, shop_id=visit.shop_id)
    shop_id, staff_id = shop.id, current_user.account_id
    begin_write()
    rules.confirm(db.session, visit_id=arrival_id, shop_id=shop_id, staff_id=staff_id, now=clock.now())
    acts.note(db.session, shop_id=shop_id)
    db.session.commit()
    journal.deliver(db.session)
    if wants_fragment():
        return show(shops.shop(db.session, shop_id, behind=True))
    return see_other(f"/till/arrivals?shop={shop_id}")


def show(shop: Shop) -> Response:
    """Show the list, whole or as the till's own part."""
    now = clock.now()
    rows = queries.arrivals(db.session, shop_id=shop.id, now=now)
    return page(
        "checkin/arrivals.html",
        block="list",
        shop_id=shop.id,
        shop_name=shops.shop_name(shop, html_lang()),
        lines=[line(row, shop.id, now) for row in rows],
    )


def line(row: queries.Arrival, shop_id: int, now: datetime) -> Line:
    """Word one arrival for staff."""
    visit = row.visit
    state = "confirmed" if visit.confirmed_at else "staff" if row.is_staff else "open"
    alias = shops.guest_alias(visit.account_id, shop_id, html_lang())
    return Line(visit.id, alias, ago(visit.at, now), bucket_words(visit), state)
