"""The terms for merchants: the operator publishes the next version, everybody reads the one that holds."""

from datetime import datetime

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.checklist import queries as checklist
from o2o.checklist.models import MerchantTerms
from o2o.kernel import clock, deeds, journal
from o2o.kernel.access import operator, policy, public
from o2o.kernel.calendar import day_words, last_moment
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.requirements import rules
from o2o.requirements.forecast import Stops, stops
from o2o.requirements.forms import NOTICE, TermsForm
from o2o.requirements.settings import CHUNK
from o2o.requirements.town import today
from o2o.shops import queries as shops

bp = Blueprint("merchant_terms", __name__)
HOME = "/operator/merchant-terms"


@bp.get("/about/merchant-terms")
@policy(public)
def shown() -> Response:
    """Show the newest terms for merchants in the reader's language."""
    terms = checklist.terms(db.session)
    return page(
        "requirements/terms.html",
        cache="page",
        terms=terms,
        text=text_of(terms),
        published=day_of(terms.published_at) if terms.published_by else "",
    )


@bp.get(HOME)
@policy(operator)
def versions() -> Response:
    """Show every version, and the form of the next one with the words of the newest."""
    newest = checklist.terms(db.session)
    values = {"text_zh": newest.text_zh, "text_en": newest.text_en, "due": today() + NOTICE}
    return terms_page(TermsForm(formdata=None, **values))


@bp.post(HOME)
@policy(operator)
def publish() -> Response:
    """Publish the next version, once it was seen how many shops must accept it to go on selling."""
    form, posted = TermsForm(), posted_key()
    form.today = today()
    if not form.validate():
        return terms_page(form, status=422)
    owner, content = f"account:{current_user.account_id}", {"terms": True, **form.data}
    db.session.rollback()
    begin_write()
    if once(db.session, owner, posted, content) is not None:
        return see_other(HOME)
    try:
        found = stops(db.session, lambda session: next_version(form, 0))
        if found.shops and form.sure.data != str(found.shops):
            return terms_page(form, found=found, status=422)
        begin_write()
        row = next_version(form, CHUNK)
    except Refusal as refusal:
        return refused(form, refusal)
    remember(db.session, owner, posted, content, HOME)
    deeds.note(db.session, version=row.version, stops=found.shops)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Published. Every shop is told."))
    return see_other(HOME)


def next_version(form: TermsForm, weigh: int) -> MerchantTerms:
    """Write what the form says."""
    due = form.due_at(form.due.data, shops.founded(db.session).zone)
    now = clock.now()
    return rules.publish_terms(
        db.session,
        text_zh=form.text_zh.data,
        text_en=form.text_en.data,
        due_at=due or now,
        account_id=current_user.account_id,
        now=now,
        weigh=weigh,
    )


def refused(form: TermsForm, refusal: Refusal) -> Response:
    """Show the form again with what a rule said."""
    db.session.rollback()
    form.refused(refusal)
    return terms_page(form, status=refusal.status)


def terms_page(form: TermsForm, *, found: Stops | None = None, status: int = 200) -> Response:
    """Show the versions and the form; `found` are the shops that must accept."""
    if found is not None:
        form.sure.data = str(found.shops)
    return page(
        "requirements/versions.html",
        form=form,
        found=found,
        first=day_of(last_moment(found.first)) if found and found.first else "",
        rows=checklist.terms_versions(db.session)[::-1] or [checklist.terms(db.session)],
        text_of=text_of,
        day_of=day_of,
        last_moment=last_moment,
        status=status,
    )


def text_of(terms: MerchantTerms) -> str:
    """Give the terms in the reader's language."""
    return terms.text_zh if html_lang().startswith("zh") else terms.text_en


def day_of(at: datetime) -> str:
    """Say a day in the reader's language."""
    return day_words(at, shops.founded(db.session).zone, html_lang())
