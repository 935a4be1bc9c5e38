"""Something wrong here? Anybody with an account says so, and reads what came of it."""

from datetime import timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, journal, limits, uploads
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, NotAllowed, Refusal
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.photos import rules as photos
from o2o.reports import queries, rules, words
from o2o.reports.forms import ReportForm, key_of, number
from o2o.reports.models import Report
from o2o.shops import queries as shops

bp = Blueprint("reports", __name__)
A_DAY = 10  # reports of one account
MOST_PHOTOS = 1
MOST_PAGES = 1000


class About(NamedTuple):
    """What a report is about: a shop, or a review there."""

    shop_id: int
    review_id: int | None


@bp.get("/reports/new")
@policy(signed_in)
def new() -> Response:
    """Ask what is wrong with a shop or a review; what was reported already is shown instead."""
    form = ReportForm(formdata=None)
    form.shop.data, form.review.data = request.args.get("shop"), request.args.get("review")
    return form_page(form)


@bp.post("/reports")
@policy(signed_in)
def create() -> Response:
    """Take a report; a second one of the same thing leads to the first."""
    uploads.take(most=MOST_PHOTOS, each=photos.MOST_BYTES)
    form = ReportForm()
    about, key = target(form), key_of(form.key.data)
    if queries.by_key(db.session, account_id=current_user.account_id, key=key) is None:
        limits.hit(db.session, "report", current_user.account_id, most=A_DAY, per=timedelta(days=1))
    try:
        made, is_new = say(form, about, key, current_user.account_id)
    except Refusal as refusal:
        db.session.rollback()
        form.refused(refusal)
        return form_page(form, status=refusal.status)
    where = f"/me/reports#report-{made.id}"
    db.session.commit()
    journal.deliver(db.session)
    toast(
        _("Thank you. Somebody reads it; the answer comes to your inbox.")
        if is_new
        else _("You said so already.")
    )
    return see_other(where)


def say(form: ReportForm, about: About, key: str, account_id: int) -> tuple[Report, bool]:
    """Check the form, redraw its photo with no transaction open, then report in one."""
    reason, text = form.reason.data or "", (form.text.data or "").strip()
    db.session.rollback()
    rules.check(reason=reason, text=text, review_id=about.review_id)
    sent = photos.prepare_all(uploads.sent("photos"))
    begin_write()
    return rules.report(
        db.session,
        account_id=account_id,
        shop_id=about.shop_id,
        review_id=about.review_id,
        reason=reason,
        text=text,
        key=key,
        photo=next(iter(sent), None),
        now=clock.now(),
    )


@bp.get("/me/reports")
@policy(signed_in)
def mine() -> Response:
    """Show what the visitor reported, and what was decided."""
    here = page_number()
    rows, more = queries.mine(db.session, account_id=current_user.account_id, number=here)
    return page(
        "reports/mine.html",
        block="more" if here > 1 else None,
        rows=rows,
        number=here,
        next_url=f"/me/reports?page={here + 1}" if more else None,
        **sayings(),
    )


def target(form: ReportForm) -> About:
    """Read what a report is about; NotAllowed where it names no shop."""
    shop_id = number(form.shop.data)
    if shop_id is None:
        raise NotAllowed
    return About(shop_id, number(form.review.data))


def form_page(form: ReportForm, *, status: int = 200) -> Response:
    """Show the form, or the report of the same thing that is still open."""
    about, account_id = target(form), current_user.account_id
    shop = shops.shop(db.session, about.shop_id)
    form.about(about.review_id)
    return page(
        "reports/new.html",
        form=form,
        shop=shop,
        name=shops.shop_name(shop, html_lang()),
        said=queries.reviewed(db.session, shop_id=shop.id, review_id=about.review_id),
        before=queries.waiting(db.session, account_id=account_id, shop_id=shop.id, review_id=about.review_id),
        status=status,
        **sayings(),
    )


def sayings() -> dict[str, Any]:
    """Give templates the words for reasons and states, and the shop's name."""
    return {"reason": words.reason, "states": words.STATES, "shop_name": shops.shop_name}


def page_number() -> int:
    """Read which page is asked for; BadInput when it is none."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_PAGES):
        raise BadInput("bad_page", N_("There is no such page. Start again from the first one."))
    return int(text)
