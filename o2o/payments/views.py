"""The pretended bank's page: what a real provider would show on its own site."""

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _

from o2o.kernel import clock
from o2o.kernel.access import policy, public
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, Refusal
from o2o.kernel.locales import html_lang
from o2o.kernel.money import format_money
from o2o.kernel.web import page, see_other
from o2o.payments import calls, rules, sandbox
from o2o.payments.sandbox import HEADER, Sandbox
from o2o.payments.words import OTHER_ENDINGS

bp = Blueprint("payments", __name__)


def the_bank() -> Sandbox:
    """Return the pretended bank where this town uses it; NotAllowed elsewhere."""
    settings = current_app.config["O2O"]
    if not rules.takes_money(settings):
        raise NotAllowed
    bank = rules.provider(settings)
    assert isinstance(bank, Sandbox)  # noqa: S101
    return bank


@bp.get("/sandbox/<ref>")
@policy(public)
def bank_page(ref: str) -> Response:
    """Ask the guest to approve or decline, or to play one of the bank's bad days."""
    the_bank()
    payment = sandbox.payment(db.session, ref)
    return page(
        "payments/bank.html",
        amount=format_money(payment.amount, payment.currency, html_lang()),
        endings=[(key, _(word), _(what)) for key, word, what in OTHER_ENDINGS],
        decided=payment.state != "open",
        back=payment.return_url,
        ref=ref,
    )


@bp.post("/sandbox/<ref>")
@policy(public)
def bank_answer(ref: str) -> Response:
    """Take the guest's answer, tell the town, and send the guest back to it."""
    bank = the_bank()
    answer = request.form.get("answer", "")
    begin_write()
    sandbox.decide(db.session, ref=ref, answer=answer, now=clock.now())
    back = sandbox.payment(db.session, ref).return_url
    db.session.commit()
    calls.send_due(db.session, bank, send=lambda *call: _tell_here(bank, *call), now=clock.now(), ref=ref)
    if answer == "lost":
        return page("payments/lost.html", back=back)
    return see_other(back)


def _tell_here(bank: Sandbox, body: bytes, signature: str) -> bool:
    """Hand a signed call to the town without a round through the network: the guest is waiting."""
    try:
        rules.hear(db.session, word=bank.read_notice({HEADER: signature}, body))
    except Refusal:
        db.session.rollback()
        return False
    return True
