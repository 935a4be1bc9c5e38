"""The guest asks for money back."""

from datetime import datetime

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, journal
from o2o.kernel.access import policy, signed_in
from o2o.kernel.calendar import moment_words
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.locales import html_lang
from o2o.kernel.web import see_other, toast
from o2o.kernel.words import N_
from o2o.orders import queries as orders
from o2o.payments import rules as payments
from o2o.refunds import payout, queries, rules
from o2o.shops import queries as shops

bp = Blueprint("refunds", __name__)


@bp.post("/orders/<order_id>/refunds")
@policy(signed_in, fresh=5)
def ask(order_id: str) -> Response:
    """Refund one pass of an order, or all that can be; the money goes out once no till can object."""
    wanted = request.form.get("pass", "")
    passes = choose(order_id, wanted)
    begin_write()
    refunds = [
        rules.request(db.session, pass_id=pass_id, cause="guest", now=clock.now()) for pass_id in passes
    ]
    promised = [one.id for one in refunds if one.state == "requested"]
    latest = max(queries.released_at_latest(one) for one in refunds)
    db.session.commit()
    journal.deliver(db.session)
    toast(_send(promised, latest) if promised else _("Given back."))
    return see_other(f"/passes/{passes[0]}" if len(passes) == 1 else f"/orders/{order_id}?receipt=1")


def _send(promised: list[str], latest: datetime) -> str:
    """Have the money sent that may go, and word the guest's answer."""
    due = queries.unpaid(db.session, now=clock.now(), only=promised)
    db.session.rollback()
    provider = payments.provider(current_app.config["O2O"])
    for refund_id in due:
        payout.pay_out(db.session, provider, refund_id=refund_id)
    if len(due) == len(promised):
        return _("Your refund is on its way.")
    day = moment_words(latest, shops.founded(db.session).zone, html_lang())
    return _(
        "Your refund is on its way. It is paid once every till has heard, at the latest %(time)s.", time=day
    )


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
