"""The desk's page of a paper menu: its photos above, a line for each dish below; all of it without a script."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, journal, uploads
from o2o.kernel.access import policy, preparer_of
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, Refusal, RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast, wants_fragment
from o2o.kernel.words import N_
from o2o.menu_changes import queries as menu_changes
from o2o.menu_changes import rules as change_rules
from o2o.menu_lines.faults import DOUBTS
from o2o.menu_pages import rules
from o2o.menu_pages.forms import PagesForm, TextForm
from o2o.menus import queries as menus
from o2o.photos import queries as photos
from o2o.photos import rules as photo_rules
from o2o.pictures import queries as pictures
from o2o.said_menus.reading import left_out, weigh_text
from o2o.shops import queries as shops

bp = Blueprint("menu_pages", __name__)


@bp.get("/console/<int:shop>/menu/write")
@policy(preparer_of("shop"))
def write(shop: int) -> Response:
    """Show the pages and an empty text, or the lines of an earlier one that were left out."""
    text, earlier = "", request.args.get("from", "")
    if earlier:
        row = menu_changes.bringing(db.session, shop_id=shop, import_id=earlier)
        text = left_out(one for one in menu_changes.faults(row) if one.code not in DOUBTS)
    return desk_page(shop, text=TextForm(formdata=None, data={"text": text}))


@bp.post("/console/<int:shop>/menu/write")
@policy(preparer_of("shop"))
def bring(shop: int) -> Response:
    """Read a text and keep what it says for a look; the menu stays as it is."""
    form, account_id = TextForm(), current_user.account_id
    if not form.validate():
        if form.mode.errors:
            raise BadInput("bad_form", N_("This form is damaged. Please reload the page and try again."))
        return desk_page(shop, text=form, status=422)
    currency = shops.founded(db.session).currency
    db.session.rollback()
    try:
        weighed = weigh_text(form.text.data, currency)
    except BadInput as refusal:
        form.refused(refusal)
        return desk_page(shop, text=form, status=refusal.status)
    given = {"shop_id": shop, "account_id": account_id, "mode": form.mode.data}
    begin_write()
    row = change_rules.keep(db.session, **given, name="", weighed=weighed)
    where = f"/console/{shop}/menu/imports/{row.id}"
    db.session.commit()
    journal.deliver(db.session)
    return see_other(where)


@bp.post("/console/<int:shop>/menu/pages")
@policy(preparer_of("shop"))
def add(shop: int) -> Response:
    """Keep photos of pages; htmx gets them back beside what is being typed."""
    uploads.take(most=photo_rules.MOST_PHOTOS, each=photo_rules.MOST_BYTES)
    form = PagesForm()
    posted_key()
    db.session.rollback()
    try:
        prepared = photo_rules.prepare_all(uploads.sent("photos"))
        if not prepared:
            raise RuleBroken("no_photo", N_("Choose at least one photo."), status=422, field="photos")
        said = {"photos": [one.digest for one in prepared]}
        given = {"shop_id": shop, "account_id": current_user.account_id, "now": clock.now()}
        _once(shop, "add", said, lambda: rules.keep(db.session, **given, prepared=prepared))
    except Refusal as refusal:
        return refused(shop, form, refusal)
    return done(shop, _("The pages are there, shown to nobody but you."))


@bp.post("/console/<int:shop>/menu/pages/drop")
@policy(preparer_of("shop"))
def drop(shop: int) -> Response:
    """Delete a page."""
    photo_id = request.form.get("photo", "")
    given = {"shop_id": shop, "account_id": current_user.account_id, "photo_id": photo_id}
    _once(shop, "drop", {"photo": photo_id}, lambda: rules.drop(db.session, **given))
    return done(shop, _("The photo is deleted."))


def _once(shop: int, verb: str, said: Mapping[str, object], carry_out: Callable[[], None]) -> None:
    """Do what was pressed, the first time it comes."""
    owner, key = f"account:{current_user.account_id}:page-{verb}", posted_key()
    content = {"shop": shop, **said}
    begin_write()
    if once(db.session, owner, key, content) is None:
        carry_out()
        remember(db.session, owner, key, content, f"/console/{shop}/menu/write")
        db.session.commit()
    else:
        db.session.rollback()


def refused(shop: int, form: PagesForm, refusal: Refusal) -> Response:
    """Show the page again with why the photos were refused."""
    db.session.rollback()
    form.refused(refusal)
    # htmx shows an answer that is no success only with this status.
    return desk_page(shop, pages=form, status=422 if wants_fragment() else refusal.status)


def done(shop: int, words: str) -> Response:
    """Deliver what happened and show the pages."""
    journal.deliver(db.session)
    if wants_fragment():
        return desk_page(shop)
    toast(words)
    return see_other(f"/console/{shop}/menu/write")


def desk_page(
    shop_id: int, *, text: TextForm | None = None, pages: PagesForm | None = None, status: int = 200
) -> Response:
    """Show the page; a photo that the shop shows already may be typed from instead."""
    account_id = current_user.account_id
    leaves = photos.loose(db.session, account_id=account_id, shop_id=shop_id)
    shown = [] if leaves else pictures.of_shop(db.session, shop_id)
    wanted = [one.photo for one in shown if str(one.id) == request.args.get("photo")]
    return page(
        "menu_pages/write.html",
        block="content",
        desk=shops.desk(db.session, account_id=account_id, shop_id=shop_id, locale=html_lang()),
        text=text or TextForm(formdata=None),
        pages=pages or PagesForm(formdata=None),
        leaves=leaves or wanted,
        are_own=bool(leaves),
        shown=[] if wanted else shown,
        at_once=min(photo_rules.MOST_PHOTOS, max(2, rules.MOST - len(leaves))),
        is_fresh=wants_fragment() and status == 200,
        has_menu=menus.has(db.session, shop_id),
        status=status,
    )
