"""The merchant's home: the shops one works at, and one shop's day."""

from flask import Blueprint, Flask, Response
from flask_login import current_user
from sqlalchemy.orm import Session

from o2o.accounts.queries import Place, on_me
from o2o.console.places import groups_for
from o2o.console.waiting import waiting
from o2o.kernel import clock
from o2o.kernel.access import desk_of, policy, signed_in
from o2o.kernel.calendar import time_words
from o2o.kernel.db import db
from o2o.kernel.locales import choose_locale, html_lang
from o2o.kernel.money import format_money
from o2o.kernel.web import page, see_other
from o2o.kernel.words import N_
from o2o.offers import queries as offers
from o2o.redemption import queries as redemptions
from o2o.shops import queries as shops
from o2o.shops.queries import TownInfo

bp = Blueprint("console", __name__)
SHOWN = 30  # redemptions of the day; the count and the sum are of all


@bp.get("/console")
@policy(signed_in)
def choose() -> Response:
    """List the shops one works at; with one there is nothing to choose."""
    rows = shops.shops_of(db.session, account_id=current_user.account_id)
    if len(rows) == 1:
        return see_other(f"/console/{rows[0][0].id}")
    named = [(row, shops.shop_name(row, html_lang()), kind) for row, kind in rows]
    return page("console/choose.html", rows=named)


@bp.get("/console/<int:shop>")
@policy(desk_of("shop"))
def home(shop: int) -> Response:
    """Show today: what was redeemed, what waits, what is on sale and who works here; a claim shows its papers."""
    desk = shops.desk(db.session, account_id=current_user.account_id, shop_id=shop, locale=html_lang())
    if desk.is_claimant:
        return see_other(f"/console/{shop}/admission")
    town = shops.founded(db.session)
    listed = offers.offers_of(db.session, shop) if desk.is_manager else []
    done = redemptions.today(db.session, shop, town.timezone, clock.now())
    lines = [line(row, town) for row in done[:SHOWN]]
    return page(
        "console/home.html",
        block="today",
        desk=desk,
        lines=lines,
        more=len(done) - len(lines),
        count=sum(row.redemption.quantity for row in done if row.redemption.annulled_at is None),
        taken=taken(done, town) if desk.is_manager else None,
        waiting=waiting(db.session, desk, town, listed, clock.now()),
        offers=[row for row in listed if row.offer.state != "ended"],
        members=shops.members(db.session, shop) if desk.is_owner else [],
    )


@bp.get("/console/<int:shop>/more")
@policy(desk_of("shop"))
def more(shop: int) -> Response:
    """List every place of the desk that the visitor's role opens."""
    desk = shops.desk(db.session, account_id=current_user.account_id, shop_id=shop, locale=html_lang())
    return page("console/more.html", desk=desk, groups=groups_for(desk.role))


def line(done: redemptions.Done, town: TownInfo) -> dict[str, object]:
    """Make one redemption's line ready to print."""
    row = done.redemption
    return {
        "time": time_words(row.at, town.zone),
        "title": done.title,
        "quantity": row.quantity,
        "staff": done.staff,
        "undone": row.annulled_at is not None,
    }


def taken(done: list[redemptions.Done], town: TownInfo) -> str:
    """Say what today's redemptions are worth to the shop."""
    worth = sum(row.redemption.value for row in done if row.redemption.annulled_at is None)
    return format_money(worth, town.currency, choose_locale())


def shops_on_me(session: Session, account_id: int, locale: str) -> list[Place]:
    """Add the console to the person's own page where they work somewhere."""
    rows = shops.shops_of(session, account_id=account_id)
    if not rows:
        return []
    if len(rows) > 1:
        return [Place("/console", "store", N_("My shops"), N_("%(num)s shops"), {"num": len(rows)})]
    name = shops.shop_name(rows[0][0], locale)
    return [Place(f"/console/{rows[0][0].id}", "store", N_("My shop"), "%(name)s", {"name": name})]


def init_app(app: Flask) -> None:
    """Put the console's line on /me."""
    on_me(shops_on_me)
