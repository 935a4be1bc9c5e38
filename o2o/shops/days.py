"""The desk's page of special days: holidays, private parties, longer nights."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, deeds, journal
from o2o.kernel.access import manager_of, policy
from o2o.kernel.calendar import hour_span, span_words
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.places.hours import holidays
from o2o.shops import calendar, queries, rules, special
from o2o.shops.calendar import Run
from o2o.shops.days_form import DaysForm, DropForm, suggested

bp = Blueprint("days", __name__)
HOLIDAYS = 8  # so many public holidays are offered


@bp.get("/console/<int:shop>/days")
@policy(manager_of("shop"))
def days(shop: int) -> Response:
    """Show the special days, the country's next holidays, and the form."""
    return days_page(shop, DaysForm(formdata=None, data=suggested(request.args.get("day", ""))))


@bp.post("/console/<int:shop>/days")
@policy(manager_of("shop"))
def set_days(shop: int) -> Response:
    """Make some days special."""
    form = DaysForm().offer_choices()
    if not form.validate():
        return days_page(shop, form, status=422)
    owner, key, content = f"account:{current_user.account_id}", posted_key(), {"shop": shop, **form.data}
    begin_write()
    if once(db.session, owner, key, content) is None:
        try:
            count = say(shop, form)
        except RuleBroken as refusal:
            db.session.rollback()
            form.refused(refusal)
            return days_page(shop, form, status=refusal.status)
        deeds.note(db.session, days=count, kind=form.kind.data)
        remember(db.session, owner, key, content, f"/console/{shop}/days")
        db.session.commit()
    journal.deliver(db.session)
    toast(_("Saved. Guests see it now."))
    return see_other(f"/console/{shop}/days")


@bp.post("/console/<int:shop>/days/drop")
@policy(manager_of("shop"))
def drop_days(shop: int) -> Response:
    """Let the ordinary week hold again; pressed again it changes nothing."""
    wanted = DropForm().days()
    begin_write()
    gone = rules.drop_special(db.session, shop_id=shop, **wanted, now=clock.now())
    deeds.note(db.session, days=gone)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("The ordinary hours hold again."))
    return see_other(f"/console/{shop}/days")


def say(shop: int, form: DaysForm) -> int:
    """Carry out what the form says; return how many days."""
    first, last = form.days()
    return rules.set_special(
        db.session,
        shop_id=shop,
        first=first,
        last=last,
        minutes=form.minutes(),
        note=form.note.data or "",
        now=clock.now(),
    )


def days_page(shop_id: int, form: DaysForm, *, status: int = 200) -> Response:
    """Show the page."""
    desk = queries.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())
    town = queries.founded(db.session)
    today = clock.now().astimezone(town.zone).date()
    runs = calendar.runs(calendar.of_shop(db.session, shop_id, since=today), today=today)
    return page(
        "shops/days.html",
        desk=desk,
        form=form.offer_choices(),
        lines=[printed(run) for run in runs],
        holidays=offered(town.country, today, runs),
        today=today,
        last=today + special.AHEAD,
        most=special.MOST_DAYS,
        status=status,
    )


def printed(run: Run) -> tuple[Run, str, str]:
    """Say special days in words: which, and how."""
    words = hour_span(*run.minutes) if run.minutes else _("Closed")
    return run, span_words(run.first, run.last, html_lang()), words


def offered(country: str, today: date, runs: Sequence[Run]) -> list[tuple[date, str]]:
    """Offer the country's next public holidays of which nothing is said yet."""
    coming = holidays(country, today, today + special.AHEAD)
    free = [day for day in coming if not any(run.first <= day <= run.last for run in runs)]
    return [(day, span_words(day, day, html_lang())) for day in free[:HOLIDAYS]]
