"""The operator's desk of claims: the queue, one claim with its evidence, the decision."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.admission import review, waiting
from o2o.admission.claim_page import claim_page
from o2o.admission.forms import DecideForm, page_number
from o2o.admission.reviewed import CLAIM_STATES
from o2o.kernel import clock, deeds, journal
from o2o.kernel.access import operator, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, Refusal
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.onboarding import queries

bp = Blueprint("admission_operator", __name__, url_prefix="/operator")
FRESH = 5  # minutes since the last sign-in, for giving a shop to somebody
NEXT = {
    "approve": N_("Approved. The shop is theirs, and they are told."),
    "return": N_("Returned with your reasons."),
    "reject": N_("Turned down. They are told why."),
}


@bp.get("/claims")
@policy(operator)
def claims() -> Response:
    """List the claims: what to look at first, then what is on its way, runs out, or was turned down."""
    show, number, now = request.args.get("show", "open"), page_number(), clock.now()
    if show not in waiting.SHOWS:
        raise BadInput("bad_filter", N_("Choose one of the filters above the list."))
    rows, more = waiting.queue_page(db.session, show=show, number=number, now=now)
    return page(
        "admission/claims.html",
        block="results",
        rows=rows,
        show=show,
        number=number,
        more=more,
        waiting=waiting.count_to_look_at(db.session, now),
        states=CLAIM_STATES,
    )


@bp.get("/claims/<int:claim>")
@policy(operator)
def claim(claim: int) -> Response:
    """Show a claim with everything that decides it."""
    return claim_page(claim)


@bp.post("/claims/<int:claim>/approve")
@policy(operator, fresh=FRESH)
def approve(claim: int) -> Response:
    """Approve a claim: who asked becomes the shop's owner."""
    return decided(claim, "approve")


@bp.post("/claims/<int:claim>/decide")
@policy(operator)
def decide(claim: int) -> Response:
    """Return a claim with reasons, or turn it down; approving has its own address, which asks who it is."""
    do = request.form.get("do", "")
    return decided(claim, do if do != "approve" else "")


@bp.post("/claims/<int:claim>/lines/<line>")
@policy(operator)
def settle(claim: int, line: str) -> Response:
    """Accept, refuse or waive one line of a claim."""
    form = DecideForm()
    do, seen, reason = form.do.data or "", form.seen.data or "", form.reason.data or ""
    given = {"do": do, "seen": seen, "reason": reason, "by": current_user.account_id}
    begin_write()
    try:
        is_new = review.settle_line(db.session, claim_id=claim, key=line, now=clock.now(), **given)
    except Refusal as refusal:
        return refused(claim, form, refusal, key=line)
    if is_new:
        deeds.note(db.session, shop_id=queries.claim(db.session, claim).shop_id, do=do)
    db.session.commit()
    journal.deliver(db.session)
    return see_other(f"/operator/claims/{claim}#line-{line}")


def decided(claim_id: int, do: str) -> Response:
    """Carry a decision out once, on the claim as it was seen."""
    form = DecideForm()
    seen, reason = form.seen.data or "", form.reason.data or ""
    given = {"do": do, "seen": seen, "reason": reason, "by": current_user.account_id}
    begin_write()
    try:
        is_new = review.settle_claim(db.session, claim_id=claim_id, now=clock.now(), **given)
    except Refusal as refusal:
        return refused(claim_id, form, refusal)
    if is_new:
        shop_id = queries.claim(db.session, claim_id).shop_id
        deeds.note(db.session, shop_id=shop_id, do=do, before=seen.split("-")[0])
    db.session.commit()
    journal.deliver(db.session)
    toast(_(NEXT[do]))
    return see_other(f"/operator/claims/{claim_id}")


def refused(claim_id: int, form: DecideForm, refusal: Refusal, *, key: str = "") -> Response:
    """Show the claim as it stands now, with what was typed and why nothing was decided."""
    db.session.rollback()
    if refusal.status == 404:
        raise refusal
    return claim_page(claim_id, form=form, key=key, refusal=refusal, status=refusal.status)
