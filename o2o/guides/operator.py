"""The operator's guides: written, filled, ordered, published."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.guides import queries, rules
from o2o.guides.desk import edit_page
from o2o.guides.forms import GuideForm, PressedForm, StopForm
from o2o.kernel import journal
from o2o.kernel.access import operator, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_

bp = Blueprint("guides_operator", __name__)
MOVES = {"save": 0, "up": -1, "down": 1}


@bp.get("/operator/guides")
@policy(operator)
def guides() -> Response:
    """List all guides, drafts included."""
    rows = queries.guides(db.session, public_only=False)
    return page("guides/desk.html", rows=rows, title_of=queries.title)


@bp.get("/operator/guides/new")
@policy(operator)
def new() -> Response:
    """Show an empty form."""
    return page("guides/new.html", form=GuideForm())


@bp.post("/operator/guides")
@policy(operator)
def create() -> Response:
    """Start a draft, then go on to its shops."""
    form = GuideForm()
    if not form.validate_on_submit():
        return page("guides/new.html", form=form, status=422)
    owner, key = f"account:{current_user.account_id}", posted_key()
    begin_write()
    where = once(db.session, owner, key, form.data)
    if where is None:
        row = rules.create(db.session, texts=form.texts())
        where = f"/operator/guides/{row.id}"
        remember(db.session, owner, key, form.data, where)
        db.session.commit()
    journal.deliver(db.session)
    return see_other(where)


@bp.get("/operator/guides/<int:guide_id>")
@policy(operator)
def edit(guide_id: int) -> Response:
    """Show a guide's texts and shops, ready to be changed."""
    return edit_page(guide_id)


@bp.post("/operator/guides/<int:guide_id>")
@policy(operator)
def save(guide_id: int) -> Response:
    """Write a guide's texts."""
    form, version = GuideForm(), PressedForm().seen()
    if not form.validate_on_submit():
        return edit_page(guide_id, form=form, status=422)
    write = partial(rules.edit, guide_id=guide_id, version=version, texts=form.texts())
    return written(guide_id, write, _("Saved."), form=form)


@bp.post("/operator/guides/<int:guide_id>/publish")
@policy(operator)
def publish(guide_id: int) -> Response:
    """Show the guide to everybody."""
    write = partial(rules.publish, guide_id=guide_id, version=PressedForm().seen())
    return written(guide_id, write, _("Published. Everybody sees it now."))


@bp.post("/operator/guides/<int:guide_id>/unpublish")
@policy(operator)
def unpublish(guide_id: int) -> Response:
    """Make the guide a draft again."""
    write = partial(rules.unpublish, guide_id=guide_id, version=PressedForm().seen())
    return written(guide_id, write, _("It is a draft again."))


@bp.post("/operator/guides/<int:guide_id>/shops/<int:shop_id>/add")
@policy(operator)
def add(guide_id: int, shop_id: int) -> Response:
    """Put a shop at the guide's end."""
    write = partial(rules.add_shop, guide_id=guide_id, version=PressedForm().seen(), shop_id=shop_id)
    return written(guide_id, write, _("Added."))


@bp.post("/operator/guides/<int:guide_id>/shops/<int:shop_id>")
@policy(operator)
def change(guide_id: int, shop_id: int) -> Response:
    """Write the operator's line about a shop, move it, or take it out."""
    form, do = StopForm(), request.form.get("do", "save")
    seen: dict[str, Any] = {"guide_id": guide_id, "version": form.seen()}
    if do == "remove":
        return written(guide_id, partial(rules.remove_shop, shop_id=shop_id, **seen), _("Taken out."))
    if do not in MOVES:
        raise BadInput("bad_button", N_("This form is damaged. Please reload the page and try again."))
    if not form.validate_on_submit():
        return edit_page(guide_id, stop=(shop_id, form), status=422)
    stop = rules.Stop(shop_id, form.note.data, form.is_paid.data)
    return written(guide_id, partial(rules.change_stop, stop=stop, by=MOVES[do], **seen), _("Saved."))


def written(
    guide_id: int, write: Callable[..., Any], said: str, *, form: GuideForm | None = None
) -> Response:
    """Carry out one change, or show the page again with what speaks against it."""
    begin_write()
    try:
        write(db.session)
    except RuleBroken as refusal:
        db.session.rollback()
        return edit_page(guide_id, form=form, refusal=refusal, status=refusal.status)
    db.session.commit()
    journal.deliver(db.session)
    toast(said)
    return see_other(f"/operator/guides/{guide_id}")
