"""The operator's checklist: which lines are asked of every shop, and what a change would stop."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Flask, Response
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from o2o.checklist import queries as checklist
from o2o.checklist.models import Requirement
from o2o.checklist.queries import BUILT, OWN
from o2o.kernel import clock, deeds, journal
from o2o.kernel.access import operator, policy
from o2o.kernel.calendar import day_words, last_moment
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, Refusal
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang, said
from o2o.kernel.web import page, see_other, toast
from o2o.offers.rules import local_day
from o2o.requirements import rules, terms
from o2o.requirements.forecast import Stops, stops
from o2o.requirements.forms import KIND_WORDS, NOTICE, LineForm, check_due
from o2o.requirements.settings import CHUNK
from o2o.requirements.town import today
from o2o.shops import queries as shops

bp = Blueprint("requirements_operator", __name__, url_prefix="/operator/requirements")
HOME = "/operator/requirements"
NEW = ""


@bp.get("")
@policy(operator)
def requirements() -> Response:
    """List the lines, those that are asked first."""
    rows = checklist.requirements(db.session, only_on=False)
    zone, locale = shops.founded(db.session).zone, html_lang()
    return page(
        "requirements/lines.html",
        rows=sorted(rows, key=lambda row: not row.is_on),
        title_of=lambda row: said(checklist.title_of(row, locale)),
        due_of=lambda row: day_words(last_moment(row.due_at), zone, locale) if row.due_at else "",
        kinds=KIND_WORDS,
        now=clock.now(),
    )


@bp.get("/new")
@policy(operator)
def new() -> Response:
    """Show the form of a line of the operator's own."""
    return line_page(NEW, LineForm(formdata=None, kind="verified", is_on=True, due=today() + NOTICE))


@bp.get("/<line>")
@policy(operator)
def edit(line: str) -> Response:
    """Show one line, ready to be changed; one that is to be asked anew gets 30 days."""
    row = line_of(line)
    values = {
        name: getattr(row, name) for name in ("is_on", "kind", "asks_text", "asks_photo", "asks_expiry")
    }
    texts = {name: getattr(row, name) for name in ("title_zh", "title_en", "help_zh", "help_en")}
    due = due_day(row) if row.is_on else today() + NOTICE
    return line_page(line, LineForm(formdata=None, due=due, **values, **texts))


@bp.post("")
@policy(operator)
def create() -> Response:
    """Add a line of the operator's own, asked of everybody from now on."""
    return saved(NEW)


@bp.post("/<line>")
@policy(operator)
def save(line: str) -> Response:
    """Change a line; where it would stop shops, only when that was seen."""
    line_of(line)
    return saved(line)


def saved(key: str) -> Response:
    """Carry a change out once, or show the form again with why not, or with what it would stop."""
    form, posted = LineForm().offer(key), posted_key()
    if not form.validate():
        return line_page(key, form, status=422)
    owner, content = f"account:{current_user.account_id}", {"line": key, **form.data}
    db.session.rollback()
    begin_write()
    if once(db.session, owner, posted, content) is not None:
        return see_other(HOME)
    try:
        change = change_of(key, form)
        found = stops(db.session, lambda session: change(session, 0))
        if found.shops and form.sure.data != str(found.shops):
            return line_page(key, form, found=found, status=422)
        begin_write()
        change(db.session, CHUNK)
    except Refusal as refusal:
        return refused(key, form, refusal)
    remember(db.session, owner, posted, content, HOME)
    deeds.note(db.session, is_on=bool(form.is_on.data or not key), stops=found.shops)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Saved."))
    return see_other(HOME)


def change_of(key: str, form: LineForm) -> Callable[[Session, int], Requirement]:
    """Give the change that a form asks for, as a function of the session and of how many shops to weigh at once."""
    row = None if key == NEW else line_of(key)
    check_due(form.due.data, today(), row, due_day(row) if row else None)
    is_on, now = bool(form.is_on.data), clock.now()
    given: dict[str, Any] = {**form.values(key), "now": now}
    given["due_at"] = form.due_at(form.due.data, shops.founded(db.session).zone)
    if row is None:
        return lambda session, weigh: rules.add_requirement(session, weigh=weigh, **given)
    return lambda session, weigh: rules.set_requirement(session, key=key, is_on=is_on, weigh=weigh, **given)


def line_of(key: str) -> Requirement:
    """Return a line, one of the house's also before any was written down; NotAllowed otherwise."""
    for row in checklist.requirements(db.session, only_on=False):
        if row.key == key:
            return row
    raise NotAllowed


def due_day(row: Requirement) -> date | None:
    """Give the last day on which a line stops nobody yet."""
    return local_day(last_moment(row.due_at), shops.founded(db.session).timezone) if row.due_at else None


def refused(key: str, form: LineForm, refusal: Refusal) -> Response:
    """Show the form again with what a rule said."""
    db.session.rollback()
    form.refused(refusal)
    return line_page(key, form, status=refusal.status)


def line_page(key: str, form: LineForm, *, found: Stops | None = None, status: int = 200) -> Response:
    """Show the form of a line; `found` are the shops that it would stop."""
    locale = html_lang()
    row = None if key == NEW else line_of(key)
    zone = shops.founded(db.session).zone
    if found is not None:
        form.sure.data = str(found.shops)
    return page(
        "requirements/line.html",
        key=key,
        heading=said(checklist.title_of(row, locale)) if row else _("A line of your own"),
        help=said(BUILT[key].help) if key in BUILT else "",
        is_own=key == NEW or key.startswith(OWN),
        is_computed=row is not None and row.kind == "computed",
        form=form.offer(key),
        found=found,
        first=day_words(last_moment(found.first), zone, locale) if found and found.first else "",
        status=status,
    )


def init_app(app: Flask) -> None:
    """Register what lives in a file of its own."""
    app.register_blueprint(terms.bp)
