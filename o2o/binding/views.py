"""Two taps bind a pass to the phone in one's hand; one button puts it on paper."""

from datetime import timedelta

from flask import Blueprint, Response, make_response, redirect
from flask_babel import gettext as _
from flask_login import current_user

from o2o.binding import rules
from o2o.binding.forms import MoveForm, PressForm
from o2o.holders import rules as holders
from o2o.kernel import clock, journal, limits
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db, new_id
from o2o.kernel.errors import RuleBroken
from o2o.kernel.web import page, wants_fragment, wants_json

bp = Blueprint("binding", __name__)
CODES_TYPED, PER = 10, timedelta(minutes=10)
# What the guest can put right on the spot.
ASKS = ("needs_code", "wrong_code", "no_codes")


@bp.post("/passes/<pass_id>/bind")
@policy(signed_in)
def bind(pass_id: str) -> Response:
    """Let this phone alone show the pass."""
    form, now, account_id = MoveForm(), clock.now(), current_user.account_id
    wish = {"account_id": account_id, "pass_id": pass_id, "key": form.checked(), "now": now}
    holders.checked(form.x.data, form.y.data)
    if form.recovery_code():
        limits.hit(db.session, "recovery", account_id, most=CODES_TYPED, per=PER)
    begin_write()
    phone = {"public_id": current_user.public_id, "x": form.x.data, "y": form.y.data}
    device = holders.register(db.session, account_id=account_id, **phone, now=now)
    try:
        rules.bind(db.session, **wish, device=device, recovery=form.recovery_code())
    except RuleBroken as refusal:
        if refusal.code not in ASKS or wants_json():
            raise
        return _ask(pass_id, refusal)
    db.session.commit()
    journal.deliver(db.session)
    return _to(f"/passes/{pass_id}")


@bp.post("/passes/<pass_id>/print")
@policy(signed_in)
def print_pass(pass_id: str) -> Response:
    """Make the paper the pass, and lead to the sheet."""
    wish = {"account_id": current_user.account_id, "pass_id": pass_id, "key": PressForm().checked()}
    begin_write()
    rules.print_pass(db.session, **wish, now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    return _to(f"/passes/{pass_id}/paper")


def _ask(pass_id: str, refusal: RuleBroken) -> Response:
    """Ask for a recovery code, in the place of the button or on a page of its own."""
    db.session.rollback()
    given = {"sentence": _(refusal.sentence), "code": refusal.code, "pass_id": pass_id, "key": new_id()}
    given["alone"] = not wants_fragment()
    answer = page("binding/move.html", block="move", status=refusal.status, **given)
    answer.headers["HX-Retarget"] = "#move"
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer


def _to(url: str) -> Response:
    """Lead on; htmx follows too and gets the ticket anew, past the copy that the phone has stored."""
    answer = make_response(redirect(url, code=303))
    answer.vary.update(("HX-Request",))
    return answer
