"""The counter: scan, confirm, answer, undo."""

from datetime import timedelta

import orjson
from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.accounts import rules as accounts
from o2o.acts import rules as acts
from o2o.kernel import clock, journal, limits
from o2o.kernel.access import policy, public, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast, wants_json
from o2o.redemption import queries, rules
from o2o.redemption.app import manifest
from o2o.redemption.forms import RedeemForm, ScanForm, ShopForm, UndoForm, required
from o2o.redemption.screens import confirm, counter, receipt, refusal
from o2o.shops import queries as shops

bp = Blueprint("redemption", __name__)

TYPED = timedelta(minutes=10)
TYPED_PER_STAFF = 120
TYPED_PER_SHOP = 600


@bp.get("/till")
@policy(signed_in)
def till() -> Response:
    """Show the counter of the shop chosen for this login."""
    held = shops.workplaces_of(db.session, account_id=current_user.account_id)
    if not held:
        return page("redemption/none.html", status=404)
    chosen = next((shop for shop, _kind in held if shop.id == current_user.shop_id), None)
    if len(held) == 1:
        chosen = held[0][0]
    # A desk leads here naming its shop; which one this phone is the till of is changed by a press only.
    asked = next((shop for shop, _kind in held if str(shop.id) == request.args.get("shop")), chosen)
    if chosen is None or "choose" in request.args or asked is not chosen:
        names = [(shop.id, shops.shop_name(shop, html_lang()), shop.address or "") for shop, _kind in held]
        return page("redemption/choose.html", names=names, chosen=asked.id if asked else None)
    return counter(chosen, ScanForm(shop=chosen.id), several=len(held) > 1)


@bp.get("/till/manifest.webmanifest")
@policy(public)
def till_manifest() -> Response:
    """Describe the till's icon; it names no shop to strangers."""
    response = Response(orjson.dumps(manifest()), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@bp.post("/till/shop")
@policy(signed_in)
def choose_shop() -> Response:
    """Choose the shop of this login."""
    form = ShopForm()
    required(form)
    shops.staff_shop(db.session, account_id=current_user.account_id, shop_id=form.shop.data)
    public_id = current_user.public_id
    begin_write()
    accounts.choose_shop(db.session, public_id=public_id, shop_id=form.shop.data)
    acts.note(db.session, shop_id=form.shop.data)
    db.session.commit()
    return see_other("/till")


@bp.post("/till/scan")
@policy(signed_in)
def scan() -> Response:
    """Look at a code: what to hand over, or why not."""
    form = ScanForm()
    shop_id, staff_id = staffed(form), current_user.account_id
    if not form.validate():
        return counter(shops.shop(db.session, shop_id, behind=True), form, status=422)
    code = read_code(form.code.data, shop_id, staff_id)
    begin_write()
    answer = rules.look(db.session, shop_id=shop_id, staff_id=staff_id, text=code, now=clock.now())
    db.session.commit()
    if not answer.is_ok:
        return refusal(shop_id, answer)
    if wants_json():
        return jsonify(answer.receipt())
    return confirm(shop_id, answer, form.code.data)


@bp.post("/till/redemptions")
@policy(signed_in)
def redeem() -> Response:
    """Take uses from a pass; a repeated nonce gets the same answer."""
    form = RedeemForm()
    shop_id, staff_id = staffed(form), current_user.account_id
    required(form)
    code = read_code(form.code.data, shop_id, staff_id)
    begin_write()
    answer = rules.redeem(
        db.session,
        shop_id=shop_id,
        staff_id=staff_id,
        text=code,
        quantity=form.quantity.data,
        nonce=form.nonce.data,
        now=clock.now(),
    )
    db.session.commit()
    journal.deliver(db.session)
    if not answer.is_ok:
        return refusal(shop_id, answer)
    if wants_json():
        return jsonify(answer.receipt())
    return see_other(f"/till/redemptions/{answer.redemption_id}")


@bp.get("/till/redemptions/<redemption_id>")
@policy(signed_in)
def redemption(redemption_id: str) -> Response:
    """Show what became of a redemption, with undo while there is time."""
    row = queries.one(db.session, redemption_id)
    shop = shops.staff_shop(db.session, account_id=current_user.account_id, shop_id=row.shop_id)
    answer = queries.receipt(db.session, row)
    if wants_json():
        return jsonify(answer.receipt())
    undo = UndoForm() if rules.can_undo(row, clock.now()) else None
    return receipt(shop, answer, undo)


@bp.post("/till/redemptions/<redemption_id>/annul")
@policy(signed_in)
def annul(redemption_id: str) -> Response:
    """Undo a redemption with a reason."""
    row = queries.one(db.session, redemption_id)
    shop = shops.staff_shop(db.session, account_id=current_user.account_id, shop_id=row.shop_id)
    shop_id, staff_id = shop.id, current_user.account_id
    form = UndoForm()
    required(form)
    begin_write()
    row = rules.annul(
        db.session,
        shop_id=shop_id,
        redemption_id=redemption_id,
        staff_id=staff_id,
        reason=form.reason.data,
        now=clock.now(),
    )
    db.session.commit()
    journal.deliver(db.session)
    if wants_json():
        return jsonify(queries.receipt(db.session, row).receipt())
    toast(_("Undone. The guest has the use back."))
    return see_other(f"/till/redemptions/{redemption_id}")


def staffed(form: ShopForm) -> int:
    """Return the id of the shop that the form names, if the visitor works there."""
    if not form.shop.validate(form):
        required(form)
    if not shops.works_at(db.session, current_user.account_id, form.shop.data):
        raise NotAllowed
    return int(form.shop.data)


def read_code(text: str, shop_id: int, staff_id: int) -> rules.Code:
    """Read a code before anything is locked; typed ones that miss are counted, so that nobody guesses for long."""
    code = rules.read(db.session, text)
    if code.is_typed and not queries.is_code(db.session, code.short_code):
        limits.hit(db.session, "till", shop_id, staff_id, most=TYPED_PER_STAFF, per=TYPED)
        limits.hit(db.session, "till", shop_id, most=TYPED_PER_SHOP, per=TYPED)
    return code
