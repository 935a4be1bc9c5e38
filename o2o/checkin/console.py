"""The owner's posters: made, printed, rotated, ended, and what came of each."""

from typing import Any

import segno
from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from o2o.checkin import codes, queries, rules
from o2o.checkin.forms import PosterForm
from o2o.kernel import clock
from o2o.kernel.access import manager_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.places import categories
from o2o.shops import queries as shops

bp = Blueprint("posters", __name__)
# What one sheet holds: labels of 99.1 x 67.7 mm, two by four on A4.
SIZES = {"a4": 1, "sticker": 8}


@bp.get("/console/<int:shop>/posters")
@policy(manager_of("shop"))
def posters(shop: int) -> Response:
    """List the shop's posters and what came of each."""
    return posters_page(shop, PosterForm(formdata=None))


@bp.post("/console/<int:shop>/posters")
@policy(manager_of("shop"))
def hang(shop: int) -> Response:
    """Make a poster."""
    form = PosterForm()
    if not form.validate():
        return posters_page(shop, form, status=422)
    owner, key = f"account:{current_user.account_id}", posted_key()
    content: dict[str, Any] = {"shop": shop, "poster": form.label.data}
    begin_write()
    if once(db.session, owner, key, content) is None:
        rules.hang(db.session, shop_id=shop, label=form.label.data, now=clock.now())
        remember(db.session, owner, key, content, f"/console/{shop}/posters")
        db.session.commit()
        toast(_("Your poster is ready to print."))
    return see_other(f"/console/{shop}/posters")


@bp.post("/console/<int:shop>/posters/<int:poster>/rotate")
@policy(manager_of("shop"))
def rotate(shop: int, poster: int) -> Response:
    """Give a place a new code; the old one is worth nothing from this moment."""
    begin_write()
    fresh = rules.rotate(db.session, shop_id=shop, poster_id=poster, now=clock.now())
    db.session.commit()
    if fresh is not None:
        toast(_("The old code no longer works. Print the new poster and hang it up."))
    return see_other(f"/console/{shop}/posters")


@bp.post("/console/<int:shop>/posters/<int:poster>/end")
@policy(manager_of("shop"))
def end(shop: int, poster: int) -> Response:
    """End a poster's code."""
    begin_write()
    queries.shop_poster(db.session, shop_id=shop, poster_id=poster)
    if rules.end(db.session, shop_id=shop, poster_id=poster, now=clock.now()):
        toast(_("This code no longer works."))
    db.session.commit()
    return see_other(f"/console/{shop}/posters")


@bp.get("/console/<int:shop>/posters/<int:poster>/print")
@policy(manager_of("shop"))
def sheet(shop: int, poster: int) -> Response:
    """Show a poster or a sheet of stickers as paper."""
    size = request.args.get("size", "a4")
    row = queries.shop_poster(db.session, shop_id=shop, poster_id=poster)
    if size not in SIZES:
        raise NotAllowed
    if row.ended_at is not None:
        raise RuleBroken(
            "poster_ended",
            N_("This poster's code has ended. Print the one that stands in its place."),
            status=410,
        )
    place, base_url = shops.shop(db.session, shop, behind=True), current_app.config["O2O"].base_url
    address = codes.address(base_url, row.code)
    return page(
        "checkin/sheet.html",
        size=size,
        copies=SIZES[size],
        shop=place,
        poster=row,
        name=shops.shop_name(place, html_lang()),
        kind=categories.category(place.category),
        qr=drawn(address),
        address=address.split("://", 1)[1],
    )


def drawn(address: str) -> Markup:
    """Draw an address for a camera across a room: as few modules as hold it, and what is left for error correction."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None))  # noqa: S704


def posters_page(shop_id: int, form: PosterForm, *, status: int = 200) -> Response:
    """Show the list and the form for a new one."""
    desk = shops.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())
    lines = queries.posters_of(db.session, shop_id)
    return page(
        "checkin/posters.html",
        desk=desk,
        form=form,
        live=[line for line in lines if line.poster.ended_at is None],
        ended=[line for line in lines if line.poster.ended_at is not None],
        status=status,
    )
