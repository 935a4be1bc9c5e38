"""The pages on which a shop's people change its menu, with what they typed and what speaks against it."""

from flask import Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel.db import db
from o2o.kernel.errors import Refusal, RuleBroken
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page
from o2o.menu_changes import queries
from o2o.menu_changes.forms import FileForm, LineForm, SectionForm
from o2o.menu_lines.lines import MOST_LINES
from o2o.menus import queries as menus
from o2o.menus import show
from o2o.shops import queries as shops
from o2o.shops.queries import Desk

LISTED_IMPORTS = 3


def menu_page(
    shop_id: int,
    *,
    file: FileForm | None = None,
    section: SectionForm | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    """Show a page of the menu; `section` and `file` keep what was sent and not taken."""
    return page(
        "menu_changes/menu.html",
        desk=desk_of(shop_id),
        menu=show.shown(db.session, shop_id, show.number_of_page()),
        chips=show.MOST_CHIPS,
        version=menus.version(db.session, shop_id),
        imports=queries.bringings(db.session, shop_id, most=LISTED_IMPORTS),
        file=file or FileForm(formdata=None),
        section=section,
        said=sentence(refusal),
        most=MOST_LINES,
        status=status,
        **show.words(currency_of(), html_lang()),
    )


def line_page(
    shop_id: int,
    form: LineForm,
    line_id: int | None = None,
    *,
    refusal: RuleBroken | None = None,
    status: int = 200,
) -> Response:
    """Show a line's form; after a refusal with what was typed and the menu's present version, to be saved again."""
    if refusal is not None:
        db.session.rollback()
        status = refusal.status
        if refusal.params.get("field"):
            form.refused(refusal)
    desk = desk_of(shop_id)
    names = [one.name for one in menus.headings(db.session, shop_id) if one.name]
    is_there = line_id is not None and any(one.id == line_id for one in menus.kept(db.session, shop_id))
    if status != 422:
        form.version.data = str(menus.version(db.session, shop_id))
    return page(
        "menu_changes/line.html",
        desk=desk,
        form=form,
        line_id=line_id if is_there else None,
        sections=names[: show.PAGE_LINES],
        said="" if form.errors else sentence(refusal),
        currency=currency_of(),
        status=status,
    )


def sentence(refusal: Refusal | None) -> str:
    """Say a refusal in the reader's language."""
    return _(refusal.sentence) % refusal.params if refusal else ""


def desk_of(shop_id: int) -> Desk:
    """Return the desk of this shop for who is signed in."""
    return shops.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())


def currency_of() -> str:
    """Return the town's currency."""
    return shops.founded(db.session).currency
