"""The operator's list of reports, and one decision each."""

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, journal
from o2o.kernel.access import operator, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, Refusal
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.photos import queries as photos
from o2o.reports import queries, rules, words
from o2o.reports.forms import DecideForm
from o2o.reports.models import Report
from o2o.reports.views import page_number, sayings
from o2o.shops import queries as shops
from o2o.shops.models import Shop

bp = Blueprint("reports_operator", __name__, url_prefix="/operator/reports")


@bp.get("")
@policy(operator)
def reports() -> Response:
    """List the reports, open ones first."""
    show, number = request.args.get("show", "all"), page_number()
    if show not in queries.SHOWS:
        raise BadInput("bad_filter", N_("Choose all, open or decided."))
    rows, more = queries.listed(db.session, show=show, number=number)
    return page(
        "reports/list.html",
        block="results",
        rows=rows,
        show=show,
        number=number,
        more=more,
        waiting=queries.open_count(db.session),
        **sayings(),
    )


@bp.get("/<int:report_id>")
@policy(operator)
def report(report_id: int) -> Response:
    """Show a report with what decides it."""
    return report_page(queries.one(db.session, report_id), DecideForm(formdata=None))


@bp.post("/<int:report_id>/decide")
@policy(operator)
def decide(report_id: int) -> Response:
    """Decide a report; a second decision is refused and the first one shown."""
    form = DecideForm()
    begin_write()
    try:
        rules.decide(
            db.session,
            report_id=report_id,
            operator_id=current_user.account_id,
            state=form.state.data or "",
            words=(form.words.data or "").strip(),
            take_down=form.take_down.data,
            now=clock.now(),
        )
    except Refusal as refusal:
        db.session.rollback()
        return refused(report_id, form, refusal)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Decided. Whoever reported it is told."))
    return see_other("/operator/reports")


def refused(report_id: int, form: DecideForm, refusal: Refusal) -> Response:
    """Show the report again, with what the rule said."""
    if refusal.code != "decided":
        form.refused(refusal)
    return report_page(queries.one(db.session, report_id), form, status=refusal.status)


def report_page(row: Report, form: DecideForm, *, status: int = 200) -> Response:
    """Show one report: the thing, its proof, who says so, and what was said before."""
    shop = db.session.get_one(Shop, row.shop_id)
    return page(
        "reports/report.html",
        row=row,
        shop=shop,
        name=shops.shop_name(shop, html_lang()),
        owned=bool(shops.owned(db.session, [shop.id])),
        photos=photos.of_ids(db.session, [row.photo_id] if row.photo_id else []),
        earlier=queries.earlier(db.session, row),
        may_leave=row.review_id is None and row.reason in rules.LEAVING and shop.status != "gone",
        form=form,
        late=status == 409,
        status=status,
        **people(row),
        **sayings(),
    )


def people(row: Report) -> dict[str, Any]:
    """Give what is known of the two people: who wrote, with which proof, and who says that it is wrong."""
    locale, found = html_lang(), queries.evidence(db.session, row.review_id)
    writer = found.said.review.account_id if found else None
    return {
        "found": found,
        "proofs": words.PROOFS,
        "writer": shops.voice_alias(writer, row.shop_id, locale) if writer else "",
        "by_writer": writer == row.account_id,
        "reporter": shops.voice_alias(row.account_id, row.shop_id, locale),
        "record": queries.record_of(db.session, row.account_id),
    }
