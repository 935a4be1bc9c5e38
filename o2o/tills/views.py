"""Staff's part: ask to make a phone a till, and set one's own PIN."""

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from o2o.acts import rules as acts
from o2o.kernel import clock
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, NotAllowed
from o2o.kernel.locales import html_lang
from o2o.kernel.web import GREATEST_ID, page, see_other, toast, wants_json
from o2o.kernel.words import N_
from o2o.shops import queries as shops
from o2o.tills import pins, queries, rules
from o2o.tills.forms import PinForm, asked

bp = Blueprint("tills", __name__)


@bp.get("/till/register")
@policy(signed_in)
def register() -> AnyResponse:
    """Offer to make this phone a till, whole or as the till page's own part."""
    shop_id = named_shop()
    if shop_id is None:
        return see_other("/till")
    desk = shops.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())
    number = queries.count_open(db.session, shop_id) + 1
    return page(
        "tills/register.html", block="register", desk=desk, suggestion=_("Till %(number)s", number=number)
    )


@bp.post("/till/register")
@policy(signed_in)
def ask() -> Response:
    """Take the public half of this phone's key and say what it is; asking again asks how it stands."""
    wish, account_id = asked(), current_user.account_id
    begin_write()
    till = rules.ask(
        db.session,
        shop_id=wish.shop,
        account_id=account_id,
        name=wish.name,
        x=wish.x,
        y=wish.y,
        now=clock.now(),
    )
    acts.note(db.session, shop_id=wish.shop, till=till.id, state=till.state)
    said = {"till": till.id, "name": till.name, "state": till.state}
    db.session.commit()
    if not wants_json():
        return see_other("/till")
    response = jsonify(said)
    response.headers["X-O2O-Cache"] = "none"
    return response


@bp.get("/till/pin")
@policy(signed_in)
def pin() -> AnyResponse:
    """Show the form for one's own PIN, and what it is for."""
    shop_id = named_shop()
    if shop_id is None:
        return see_other("/till")
    return pin_page(PinForm(formdata=None, data={"shop": shop_id}), shop_id)


@bp.post("/till/pin")
@policy(signed_in)
def set_pin() -> Response:
    """Set one's own PIN at a shop."""
    form, account_id = PinForm(), current_user.account_id
    is_fine = form.validate()
    if form.shop.errors:
        raise BadInput("bad_shop", N_("Choose your shop first."), status=422)
    shops.staff_shop(db.session, account_id=account_id, shop_id=form.shop.data)
    if not is_fine:
        return pin_page(form, form.shop.data, status=422)
    kept = pins.keep(form.pin.data)
    begin_write()
    rules.set_pin(db.session, shop_id=form.shop.data, account_id=account_id, pin=kept, now=clock.now())
    acts.note(db.session, shop_id=form.shop.data)
    db.session.commit()
    toast(_("Your PIN is set. The tills know it after their next connection."))
    return see_other("/till")


def named_shop() -> int | None:
    """Read which shop the address names, else this login's; NotAllowed for a number that no shop has."""
    shop_id: int | None = request.args.get("shop", current_user.shop_id, type=int)
    if shop_id is not None and not 1 <= shop_id <= GREATEST_ID:
        raise NotAllowed
    return shop_id


def pin_page(form: PinForm, shop_id: int, *, status: int = 200) -> Response:
    """Show the form; NotAllowed to who does not work at the shop."""
    account_id = current_user.account_id
    desk = shops.desk(db.session, account_id=account_id, shop_id=shop_id, locale=html_lang())
    has_one = queries.has_pin(db.session, shop_id=shop_id, account_id=account_id)
    return page("tills/pin.html", desk=desk, form=form, has_one=has_one, status=status)
