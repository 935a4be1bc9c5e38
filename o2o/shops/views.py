"""Invitations for whoever holds their link, and what pages and policies ask about the town and its shops."""

from typing import cast

from flask import Blueprint, Flask, Response, g
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import DBAPIError

from o2o.kernel import deeds, journal
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.shops import days, queries, rules
from o2o.shops.queries import TownInfo

bp = Blueprint("shops", __name__)


@bp.get("/invites/<token>")
@policy(signed_in)
def invite(token: str) -> Response:
    """Say what the invitation is for, with one button."""
    found = rules.open_invite(db.session, token=token)
    shop = queries.shop(db.session, found.shop_id, behind=True)
    return page("shops/invite.html", invite=found, shop=shop, name=queries.shop_name(shop, html_lang()))


@bp.post("/invites/<token>")
@policy(signed_in)
def accept(token: str) -> Response:
    """Accept the invitation and go to work."""
    begin_write()
    role = rules.accept_invite(db.session, token=token, account_id=current_user.account_id)
    shop_id, kind = role.shop_id, role.kind
    deeds.note(db.session, shop_id=shop_id, role=kind)
    db.session.commit()
    journal.deliver(db.session)
    toast(welcome(kind))
    return see_other(f"/console/{shop_id}")


def welcome(kind: str) -> str:
    """Greet whoever accepted an invitation."""
    if kind == "claimant":
        return str(_("Welcome! Hand in the papers, and prepare the shop meanwhile."))
    return str(_("Welcome! This shop is yours to run now.") if kind == "owner" else _("Welcome to the team!"))


def town_of_page() -> TownInfo | None:
    """Return the town, asked for once a page; one that says the database is busy must not fail on asking."""
    try:
        if "town" not in g:
            g.town = queries.town(db.session)
        return cast("TownInfo | None", g.town)
    except DBAPIError:
        db.session.rollback()
        return None


def roles_of_visitor(account_id: int, shop_id: int) -> set[str]:
    """Return the roles that decide what an account may call."""
    return queries.roles_of(db.session, account_id, shop_id)


def init_app(app: Flask) -> None:
    """Register the page of special days; answer what the kernel asks: the town of every page, who works where."""
    app.register_blueprint(days.bp)
    app.extensions["o2o.town"] = town_of_page
    app.extensions["o2o.roles"] = lambda account_id, shop_id: queries.roles_of(
        db.session, account_id, shop_id
    )
    app.extensions.setdefault("o2o.caches", []).append(queries.forget_town)
    app.jinja_env.globals["shop_name"] = queries.shop_name
