"""The owner's papers: one page with every line of the checklist, before admission and after."""

from datetime import date

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.checklist import queries as checklist
from o2o.checklist.rules import ensure
from o2o.kernel import clock, deeds, journal, uploads
from o2o.kernel.access import policy, preparer_of
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, Refusal
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast, wants_fragment
from o2o.onboarding import queries as claims
from o2o.onboarding import rules as claim_rules
from o2o.onboarding.models import Claim
from o2o.papers import rules
from o2o.papers.forms import AnswerForm
from o2o.papers.show import asks, papers
from o2o.photos import rules as photos
from o2o.photos.rules import Prepared

bp = Blueprint("papers_console", __name__)


@bp.get("/console/<int:shop>/admission")
@policy(preparer_of("shop"))
def admission(shop: int) -> Response:
    """Show what is asked, how each line stands, and what happens next."""
    return admission_page(shop)


@bp.post("/console/<int:shop>/admission/<line>")
@policy(preparer_of("shop"))
def answer(shop: int, line: str) -> Response:
    """Take an answer to one line; htmx gets the checklist back, a plain form the page."""
    uploads.take(most=1, each=photos.MOST_BYTES)
    form = AnswerForm()
    claim_of(shop)
    posted_key()
    if not form.validate():
        return admission_page(shop, wrong=(line, form), status=422)
    db.session.rollback()
    try:
        sent = next(iter(photos.prepare_all(uploads.sent("photos"))), None)
        keep(shop, line, form, sent)
    except Refusal as refusal:
        db.session.rollback()
        return refused(shop, line, form, refusal)
    journal.deliver(db.session)
    if wants_fragment():
        return admission_page(shop, said=line)
    toast(_("Saved."))
    return see_other(f"/console/{shop}/admission#line-{line}")


@bp.post("/console/<int:shop>/admission/submit")
@policy(preparer_of("shop"))
def submit(shop: int) -> Response:
    """Hand everything in for review."""
    begin_write()
    rules.submit(db.session, claim_id=my_claim(shop).id, now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    if wants_fragment():
        return admission_page(shop)
    toast(_("Handed in. The answer comes to your inbox."))
    return see_other(f"/console/{shop}/admission")


@bp.post("/console/<int:shop>/admission/take-back")
@policy(preparer_of("shop"))
def take_back(shop: int) -> Response:
    """Take it back to change something."""
    begin_write()
    rules.take_back(db.session, claim_id=my_claim(shop).id, now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    toast(_("You can change it now. Hand it in again when it is ready."))
    return see_other(f"/console/{shop}/admission")


@bp.post("/console/<int:shop>/admission/withdraw")
@policy(preparer_of("shop"))
def withdraw(shop: int) -> Response:
    """Give the claim up; what was prepared is cleared."""
    begin_write()
    claim_rules.withdraw(db.session, claim_id=my_claim(shop).id, now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Withdrawn. Nothing is left of it."))
    return see_other("/me")


def keep(shop: int, key: str, form: AnswerForm, photo: Prepared | None) -> None:
    """Write the answer, once however often the form is sent."""
    # The lines of one page share its key: each answers for itself.
    owner, posted, day = f"account:{current_user.account_id}:{key[-12:]}", posted_key(), form.day()
    said = {"shop": shop, "key": key, "text": form.text.data, "day": day, "version": form.version()}
    content = {**said, "photo": photo.digest if photo else None}
    begin_write()
    ensure(db.session)
    if once(db.session, owner, posted, content) is not None:
        db.session.rollback()
        return
    rules.hand_in(
        db.session,
        claim_id=claim_of(shop).id,
        requirement_id=checklist.requirement(db.session, key).id,
        account_id=current_user.account_id,
        text=form.text.data,
        photo=photo,
        expires_on=day,
        terms_version=form.version(),
        now=clock.now(),
    )
    remember(db.session, owner, posted, content, f"/console/{shop}/admission")
    deeds.note(db.session, runs_out=day.isoformat() if isinstance(day, date) else None)
    db.session.commit()


def claim_of(shop_id: int) -> Claim:
    """Return the claim that holds the shop; NotAllowed where there is none."""
    found = claims.claim_of(db.session, shop_id)
    if found is None:
        raise NotAllowed
    return found


def my_claim(shop_id: int) -> Claim:
    """Return the visitor's own claim that holds the shop; NotAllowed otherwise."""
    found = claim_of(shop_id)
    if found.account_id != current_user.account_id:
        raise NotAllowed
    return found


def refused(shop_id: int, key: str, form: AnswerForm, refusal: Refusal) -> Response:
    """Show the page again with what was typed, and why it was refused."""
    fault = ""
    try:
        form.refused(refusal)
    except Refusal:
        if refusal.status == 404:
            raise
        fault = _(refusal.sentence) % refusal.params
    # htmx shows an answer that is no success only with this status.
    status = 422 if wants_fragment() else refusal.status
    return admission_page(shop_id, wrong=(key, form), fault=fault, status=status)


def admission_page(
    shop_id: int,
    *,
    wrong: tuple[str, AnswerForm] | None = None,
    fault: str = "",
    said: str = "",
    status: int = 200,
) -> Response:
    """Show the checklist; `wrong` is the refused form of one line, `said` the line that was just answered."""
    return page(
        "papers/admission.html",
        block="checklist",
        **papers(db.session, shop_id, current_user.account_id, locale=html_lang()),
        asks=asks,
        blank=AnswerForm(formdata=None),
        wrong=wrong,
        fault=fault,
        said=said,
        status=status,
    )
