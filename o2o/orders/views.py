"""The guest buys: place, look, pay, cancel; and the address where providers report."""

from flask import Blueprint, Response, current_app, make_response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.holders import queries as holders
from o2o.kernel import clock, journal
from o2o.kernel.access import policy, public, signed_in
from o2o.kernel.config import Settings
from o2o.kernel.db import begin_write, db, new_id
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.forms import posted_key
from o2o.kernel.web import page, see_other, wants_fragment, wants_json
from o2o.kernel.words import N_
from o2o.orders import payment, queries, rules
from o2o.orders.forms import OrderForm
from o2o.orders.models import Order
from o2o.orders.show import order_page
from o2o.payments import rules as payments

bp = Blueprint("orders", __name__)
NOTICE_LIMIT = 8 * 1024


@bp.post("/offers/<int:offer_id>/orders")
@policy(signed_in)
def place(offer_id: int) -> Response:
    """Hold what the guest wants and lead to paying; a free coupon leads straight to the pass."""
    form = OrderForm()
    if not form.validate():
        raise BadInput("bad_quantity", rules.QUANTITY, status=422)
    want = {"account_id": current_user.account_id, "offer_id": offer_id, "quantity": form.quantity.data}
    want |= {"key": posted_key() or new_id(), "now": clock.now()}
    try:
        rules.precheck(db.session, terms_id=form.terms.data, **want)
        device_id = _device_id()
        begin_write()
        order = rules.place(db.session, takes_money=_takes_money(), device_id=device_id, **want)
    except RuleBroken as refusal:
        return _refused(refusal, f"/offers/{offer_id}")
    target = _after(order)
    db.session.commit()
    journal.deliver(db.session)
    return see_other(target)


@bp.get("/orders/<order_id>")
@policy(signed_in)
def show(order_id: str) -> Response:
    """Show an order to its owner; a paid one leads to its pass unless the receipt is asked for."""
    placed = queries.own_order(db.session, account_id=current_user.account_id, order_id=order_id)
    if placed.order.state == "paid" and "receipt" not in request.args:
        return see_other(_after(placed.order))
    context = order_page(db.session, placed)
    if wants_fragment() and request.args.get("face") == context["face"]:
        return make_response("", 204)
    return page("orders/order.html", block="order_part", **context)


@bp.post("/orders/<order_id>/pay")
@policy(signed_in)
def pay(order_id: str) -> Response:
    """Lead the guest to the bank, or to the pass when it is paid already."""
    account_id = current_user.account_id
    order = queries.own_order(db.session, account_id=account_id, order_id=order_id).order
    if order.state == "paid":
        return see_other(_after(order))
    provider = payments.provider(_settings())
    back = f"/orders/{order_id}"
    try:
        url = payment.open_payment(
            db.session, provider, account_id=account_id, order_id=order_id, return_url=back
        )
    except RuleBroken as refusal:
        return _refused(refusal, back)
    return see_other(url)


@bp.post("/orders/<order_id>/cancel")
@policy(signed_in)
def cancel(order_id: str) -> Response:
    """Give the place back."""
    begin_write()
    rules.cancel(db.session, account_id=current_user.account_id, order_id=order_id)
    db.session.commit()
    return see_other(f"/orders/{order_id}")


@bp.post("/webhooks/<provider>")
@policy(public, csrf=False)
def webhook(provider: str) -> Response:
    """Take a provider's notice; its signature is the permission."""
    if not _takes_money() or payments.provider(_settings()).name != provider:
        raise NotAllowed
    if (request.content_length or 0) > NOTICE_LIMIT:
        raise BadInput("too_large", N_("That is too large to send."), status=413)
    word = payments.provider(_settings()).read_notice(dict(request.headers), request.get_data())
    payment.hear(db.session, word)
    return make_response("", 204)


def _settings() -> Settings:
    settings: Settings = current_app.config["O2O"]
    return settings


def _device_id() -> int | None:
    """Return the number of the key that this login's phone holds passes with, if it has one."""
    phone = holders.of_login(db.session, current_user.public_id)
    return None if phone is None else phone.id


def _takes_money() -> bool:
    return payments.takes_money(_settings())


def _after(order: Order) -> str:
    """Say where to go from an order: to its pass, to the wallet when there are several, else to pay."""
    if order.state != "paid":
        return f"/orders/{order.id}"
    passes = queries.passes_of(db.session, order.id)
    return f"/passes/{passes[0].id}" if len(passes) == 1 else "/wallet"


def _refused(refusal: RuleBroken, back: str) -> Response:
    """Say why not, and show the way back."""
    db.session.rollback()
    if wants_json():
        raise refusal
    sentence = _(refusal.sentence) % refusal.params
    context = {"sentence": sentence, "code": refusal.code, "back": back}
    return page("orders/refused.html", block="refused", status=refusal.status, **context)
