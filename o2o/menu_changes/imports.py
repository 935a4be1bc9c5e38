"""A file for the menu: sent, looked at, taken over, undone or dropped."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from o2o.kernel import journal, limits, uploads
from o2o.kernel.access import policy, preparer_of
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.menu_changes import queries, rules
from o2o.menu_changes.desk import currency_of, desk_of, menu_page, sentence
from o2o.menu_changes.forms import FileForm, PressedForm, damaged
from o2o.menu_changes.models import MenuImport
from o2o.menu_lines import faults
from o2o.menu_lines.reading import read
from o2o.menu_lines.weighing import Weighed, weigh
from o2o.menus import queries as menus
from o2o.menus import show

bp = Blueprint("menu_imports", __name__)
# Reading a workbook takes up to a second of one processor.
MOST_FILES = 60
PER = timedelta(hours=1)
GROUPS = ("faults", "doubts", "added", "changed", "removed")
GLANCE = 10


@bp.post("/console/<int:shop>/menu/import")
@policy(preparer_of("shop"))
def bring(shop: int) -> Response:
    """Read a file and keep what it says for a look; the menu stays as it is."""
    uploads.take(most=1, each=faults.MOST_BYTES)
    form = FileForm()
    try:
        weighed = weighed_file(form)
    except BadInput as refusal:
        form.refused(refusal)
        return menu_page(shop, file=form, status=refusal.status)
    given = {"shop_id": shop, "account_id": current_user.account_id, "mode": form.mode.data}
    begin_write()
    row = rules.keep(db.session, **given, name=form.file_name, weighed=weighed)
    where = f"/console/{shop}/menu/imports/{row.id}"
    db.session.commit()
    journal.deliver(db.session)
    return see_other(where)


@bp.get("/console/<int:shop>/menu/imports/<menu_import>")
@policy(preparer_of("shop"))
def look(shop: int, menu_import: str) -> Response:
    """Show what a file would do to the menu, or did."""
    return import_page(shop, menu_import)


@bp.post("/console/<int:shop>/menu/imports/<menu_import>/apply")
@policy(preparer_of("shop"))
def apply(shop: int, menu_import: str) -> Response:
    """Take the good lines over, unless the menu changed since the look."""
    given: dict[str, Any] = {"shop_id": shop, "import_id": menu_import}
    said = _("Your menu is changed. You can still undo it.")
    return carried_out(shop, menu_import, lambda session: rules.apply(session, **given), said, stays=True)


@bp.post("/console/<int:shop>/menu/imports/<menu_import>/drop")
@policy(preparer_of("shop"))
def drop(shop: int, menu_import: str) -> Response:
    """Put the file away."""
    given: dict[str, Any] = {"shop_id": shop, "import_id": menu_import}
    said = _("Dropped. Your menu is as it was.")
    return carried_out(shop, menu_import, lambda session: rules.drop(session, **given), said)


@bp.post("/console/<int:shop>/menu/imports/<menu_import>/undo")
@policy(preparer_of("shop"))
def undo(shop: int, menu_import: str) -> Response:
    """Write the menu as it was before; one that changed since is asked about once more."""
    given: dict[str, Any] = {"shop_id": shop, "import_id": menu_import, "version": PressedForm().seen()}
    said = _("Undone. Your menu is as it was.")
    return carried_out(shop, menu_import, lambda session: rules.undo(session, **given), said)


def weighed_file(form: FileForm) -> Weighed:
    """Read the file that was sent, with no transaction open."""
    if not form.validate():
        raise damaged()
    content, currency = form.content(), currency_of()
    limits.hit(db.session, "menu-import", current_user.account_id, most=MOST_FILES, per=PER)
    db.session.rollback()
    return weigh(read(content), currency)


def carried_out(
    shop_id: int, import_id: str, write: Callable[[Session], Any], said: str, *, stays: bool = False
) -> Response:
    """Take one step with an import, or show it again as it stands now."""
    begin_write()
    try:
        write(db.session)
    except RuleBroken as refusal:
        db.session.rollback()
        if refusal.code == "edited":
            begin_write()
            rules.look_again(db.session, shop_id=shop_id, import_id=import_id)
            db.session.commit()
        return import_page(shop_id, import_id, refusal=refusal)
    db.session.commit()
    journal.deliver(db.session)
    toast(said)
    menu = f"/console/{shop_id}/menu"
    return see_other(f"{menu}/imports/{import_id}" if stays else menu)


def import_page(shop_id: int, import_id: str, *, refusal: RuleBroken | None = None) -> Response:
    """Show an import by what is added, changed, taken off and left out."""
    row = queries.bringing(db.session, shop_id=shop_id, import_id=import_id)
    only, number = request.args.get("show"), show.number_of_page()
    if only is not None and only not in GROUPS:
        raise BadInput("bad_page", faults.NO_PAGE)
    must_ask = row.state == "applied" and refusal is not None and refusal.code == "edited"
    found = queries.lost(db.session, row) if must_ask else queries.preview(db.session, row)
    wrong = {} if must_ask else _wrong(row)
    groups = {"faults": [], "doubts": [], **wrong, **_lists(found)}
    most = show.PAGE_LINES if only else GLANCE
    start = (number - 1) * most if only else 0
    return page(
        "menu_changes/import.html",
        desk=desk_of(shop_id),
        bringing=row,
        counts={name: len(rows) for name, rows in groups.items()},
        groups={name: rows[start : start + most] for name, rows in groups.items() if only in (None, name)},
        only=only,
        number=number,
        more=bool(only) and len(groups[only or "faults"]) > start + most,
        same=found.same,
        good=len(row.lines),
        must_ask=must_ask,
        version=version_to_send(row, must_ask=must_ask),
        said="" if must_ask else sentence(refusal),
        fault_words=fault_words,
        status=refusal.status if refusal else 200,
        **show.words(currency_of(), html_lang()),
    )


def _wrong(row: MenuImport) -> dict[str, list[faults.Fault]]:
    """Part what was left out from what was taken and should be looked at."""
    found = queries.faults(row)
    doubts = [one for one in found if one.code in faults.DOUBTS]
    return {"faults": [one for one in found if one.code not in faults.DOUBTS], "doubts": doubts}


def _lists(found: Any) -> dict[str, list[Any]]:
    return {"added": found.added, "changed": found.changed, "removed": found.removed}


def version_to_send(row: MenuImport, *, must_ask: bool) -> int:
    """Name the menu's version that an undo from this page agrees to."""
    if must_ask:
        return menus.version(db.session, row.shop_id)
    return row.made_version or 0


def fault_words(fault: faults.Fault) -> str:
    """Say what is wrong with a row."""
    given = {"found": fault.found, "other": fault.other, "most": faults.MOST.get(fault.code, 0)}
    return _(faults.WORDS[fault.code]) % given
