"""The shop's own menu: read, written line by line, brought from a file, saved as one."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, make_response, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.kernel.access import policy, preparer_of
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import see_other, toast
from o2o.menu_changes import imports
from o2o.menu_changes.desk import currency_of, line_page, menu_page
from o2o.menu_changes.forms import LineForm, PressedForm, SectionForm, damaged, line_values
from o2o.menus import queries, rules, show

bp = Blueprint("menus_console", __name__)
MOVES = {"up": -1, "down": 1}


@bp.get("/console/<int:shop>/menu")
@policy(preparer_of("shop"))
def menu(shop: int) -> Response:
    """Show the menu by section."""
    return menu_page(shop)


@bp.get("/console/<int:shop>/menu/new")
@policy(preparer_of("shop"))
def new(shop: int) -> Response:
    """Show an empty line, in the section of the one before."""
    section = request.args.get("section", "")[:80]
    return line_page(shop, LineForm(formdata=None, data={"section": section}))


@bp.post("/console/<int:shop>/menu")
@policy(preparer_of("shop"))
def add(shop: int) -> Response:
    """Put a line on the menu, once."""
    form, version = LineForm(), LineForm().seen()
    line = form.line(currency_of())
    if line is None:
        return line_page(shop, form, status=422)
    owner, key = f"account:{current_user.account_id}", posted_key()
    begin_write()
    content = {"shop": shop, **form.data}
    where = once(db.session, owner, key, content)
    if where is None:
        try:
            made = rules.add(db.session, shop_id=shop, version=version, line=line)
        except RuleBroken as refusal:
            return line_page(shop, form, refusal=refusal)
        where = address(shop, made)
        remember(db.session, owner, key, content, where)
        db.session.commit()
    more = f"/console/{shop}/menu/new?section={quote(line.section)}"
    return finished(more if request.form.get("do") == "more" else where, _("Added."))


@bp.get("/console/<int:shop>/menu/lines/<int:menu_line>")
@policy(preparer_of("shop"))
def edit(shop: int, menu_line: int) -> Response:
    """Show a line, ready to be changed."""
    row = queries.line(db.session, shop_id=shop, line_id=menu_line)
    return line_page(shop, LineForm(formdata=None, data=line_values(row, currency_of())), row.id)


@bp.post("/console/<int:shop>/menu/lines/<int:menu_line>")
@policy(preparer_of("shop"))
def change(shop: int, menu_line: int) -> Response:
    """Write a line anew."""
    form, version = LineForm(), LineForm().seen()
    line = form.line(currency_of())
    if line is None:
        return line_page(shop, form, menu_line, status=422)
    begin_write()
    try:
        rules.change(db.session, shop_id=shop, version=version, line_id=menu_line, line=line)
    except RuleBroken as refusal:
        return line_page(shop, form, menu_line, refusal=refusal)
    db.session.commit()
    return finished(address(shop, menu_line), _("Saved."))


@bp.post("/console/<int:shop>/menu/lines/<int:menu_line>/move")
@policy(preparer_of("shop"))
def move(shop: int, menu_line: int) -> Response:
    """Move a line up or down in its section."""
    version, by = PressedForm().seen(), MOVES.get(request.form.get("to", ""))
    if by is None:
        raise damaged()
    given = {"shop_id": shop, "version": version, "line_id": menu_line}
    return written(shop, lambda session: rules.move(session, **given, by=by), menu_line)


@bp.post("/console/<int:shop>/menu/lines/<int:menu_line>/remove")
@policy(preparer_of("shop"))
def remove(shop: int, menu_line: int) -> Response:
    """Take a line off the menu."""
    given = {"shop_id": shop, "version": PressedForm().seen(), "line_id": menu_line}
    return written(shop, lambda session: rules.remove(session, **given), said=_("Taken off the menu."))


@bp.post("/console/<int:shop>/menu/sections")
@policy(preparer_of("shop"))
def section(shop: int) -> Response:
    """Rename a section, or move it up or down."""
    form, to = SectionForm(), request.form.get("do", "rename")
    given = {"shop_id": shop, "version": form.seen(), "section": form.section.data}
    if to in MOVES:
        return written(shop, lambda session: rules.move_section(session, **given, by=MOVES[to]))
    if to != "rename":
        raise damaged()
    if not form.validate():
        return menu_page(shop, section=form, status=422)
    name = form.name.data
    return written(shop, lambda session: rules.rename_section(session, **given, name=name), said=_("Saved."))


@bp.get("/console/<int:shop>/menu.csv")
@policy(preparer_of("shop"))
def save_as(shop: int) -> Response:
    """Give the menu as a CSV file that can be changed and brought back."""
    response = make_response(show.as_csv(queries.kept(db.session, shop), currency_of(), html_lang()))
    response.content_type = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="menu-{shop}.csv"'
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-O2O-Cache"] = "none"
    return response


def written(shop_id: int, write: Callable[[Session], Any], line_id: int = 0, *, said: str = "") -> Response:
    """Carry out one change, or show the menu again with what speaks against it."""
    begin_write()
    try:
        write(db.session)
    except RuleBroken as refusal:
        db.session.rollback()
        return menu_page(shop_id, refusal=refusal, status=refusal.status)
    db.session.commit()
    return finished(address(shop_id, line_id), said)


def finished(where: str, said: str) -> Response:
    """Deliver what happened and go where it shows."""
    journal.deliver(db.session)
    if said:
        toast(said)
    return see_other(where)


def address(shop_id: int, line_id: int) -> str:
    """Name the page on which a line stands now."""
    base = f"/console/{shop_id}/menu"
    if not line_id:
        return base
    row = queries.line(db.session, shop_id=shop_id, line_id=line_id)
    number = queries.before(db.session, row) // show.PAGE_LINES + 1
    return f"{base}?page={number}#line-{line_id}" if number > 1 else f"{base}#line-{line_id}"


def init_app(app: Flask) -> None:
    """Register what lives in a file of its own."""
    app.register_blueprint(imports.bp)
