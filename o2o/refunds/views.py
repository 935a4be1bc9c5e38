"""The guest asks for money back."""

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, journal
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.web import see_other, toast
from o2o.kernel.words import N_
from o2o.orders import queries as orders
from o2o.payments import rules as payments
from o2o.refunds import payout, rules

bp = Blueprint("refunds", __name__)


@bp.post("/orders/<order_id>/refunds")
@policy(signed_in, fresh=5)
def ask(order_id: str) -> Response:
    """Refund one pass of an order, or all that can be; the money goes out at once."""
    wanted = request.form.get("pass", "")
    passes = choose(order_id, wanted)
    begin_write()
    refunds = [
        rules.request(db.session, pass_id=pass_id, cause="guest", now=clock.now()) for pass_id in passes
    ]
    promised = [(one.id, one.payback_id) for one in refunds if one.state == "requested" and one.payback_id]
    db.session.commit()
    journal.deliver(db.session)
    if promised:
        provider = payments.provider(current_app.config["O2O"])
        for refund_id, payback_id in promised:
            payout.pay_out(db.session, provider, refund_id=refund_id, payback_id=payback_id)
    toast(_("Your refund is on its way.") if promised else _("Given back."))
    return see_other(f"/passes/{passes[0]}" if len(passes) == 1 else f"/orders/{order_id}?receipt=1")


def choose(order_id: str, wanted: str) -> list[str]:
    """Return the passes meant: the one named, else all that may be refunded; RuleBroken when there is none."""
    orders.own_order(db.session, account_id=current_user.account_id, order_id=order_id)
    there = orders.passes_of(db.session, order_id)
    if wanted:
        if wanted not in {row.id for row in there}:
            raise NotAllowed
        return [wanted]
    may = [row.id for row in there if rules.may_ask(db.session, pass_=row)]
    if not may:
        raise RuleBroken("not_refundable", N_("There is nothing left in this order that can be refunded."))
    return may
