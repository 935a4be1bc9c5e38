"""The page of a shop's payout account: for its owner, and for who claims it while it has none."""

from flask import Blueprint, Flask, Response, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.kernel import clock, journal, refill
from o2o.kernel.access import policy, preparer_of
from o2o.kernel.config import Settings
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, Refusal
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.payouts import queries, rules, seal
from o2o.payouts.forms import PayoutForm
from o2o.shops import queries as shops
from o2o.shops.queries import Desk

bp = Blueprint("payouts_console", __name__)
FRESH = 5  # minutes since the last sign-in, to see as well as to change


@bp.get("/console/<int:shop>/payout")
@policy(preparer_of("shop"), fresh=FRESH)
def payout(shop: int) -> Response:
    """Show by its last four which account is kept; whole when asked for."""
    desk = desk_of(shop)
    return payout_page(desk, PayoutForm(refill.typed()), show=request.args.get("show") == "1")


@bp.post("/console/<int:shop>/payout")
@policy(preparer_of("shop"), fresh=FRESH, refill="payouts_console.payout")
def save(shop: int) -> Response:
    """Enter or replace the account; the same again changes nothing."""
    form = PayoutForm()
    begin_write()
    desk = desk_of(shop)
    try:
        rules.set(
            db.session,
            shop_id=shop,
            account_id=current_user.account_id,
            kind=form.kind.data or "",
            holder=form.holder.data or "",
            bank=form.bank.data or "",
            number=form.number.data or "",
            now=clock.now(),
        )
    except Refusal as refusal:
        return refused(shop, form, refusal)
    db.session.commit()
    journal.deliver(db.session)
    toast(_("Saved."))
    return see_other(next_page(desk))


def desk_of(shop_id: int) -> Desk:
    """Return the desk of the shop's owner, or of who claims a shop that nobody runs; NotAllowed otherwise."""
    desk = shops.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())
    is_first = desk.is_claimant and desk.shop.status in ("proposed", "unclaimed")
    if not (desk.is_owner or is_first):
        raise NotAllowed
    return desk


def next_page(desk: Desk) -> str:
    """Lead a claimant back to the checklist that asked for it."""
    base = f"/console/{desk.shop.id}"
    return f"{base}/admission" if desk.is_claimant else f"{base}/payout"


def refused(shop_id: int, form: PayoutForm, refusal: Refusal) -> Response:
    """Show the form again with what was typed."""
    db.session.rollback()
    form.refused(refusal)
    return payout_page(desk_of(shop_id), form, status=refusal.status)


def payout_page(desk: Desk, form: PayoutForm, *, show: bool = False, status: int = 200) -> Response:
    """Show the account and the form."""
    row = queries.live(db.session, desk.shop.id)
    account = queries.opened(db.session, row) if row else None
    response = page(
        "payouts/payout.html",
        desk=desk,
        form=form,
        payout=row,
        account=account,
        show=show and account is not None,
        status=status,
    )
    # Not even the browser keeps a page on which the number may stand.
    response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    """Say which secret seals this town's accounts."""
    settings: Settings = app.config["O2O"]
    seal.use(settings.database_url, settings.secret_key)
