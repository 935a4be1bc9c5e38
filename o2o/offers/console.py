"""The owner's offers: list, write, preview, revise, pause, resume, end."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.kernel.access import owner_of, policy
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.offers import queries, rules, show
from o2o.offers.draft import Draft, check
from o2o.offers.forms import OfferForm, terms_values
from o2o.offers.models import Offer
from o2o.payments import rules as payments
from o2o.shops import queries as shops

bp = Blueprint("offers_console", __name__)


@bp.get("/console/<int:shop>/offers")
@policy(owner_of("shop"))
def offers(shop: int) -> Response:
    """List the shop's offers with their states and what was sold."""
    rows = [(row, show.view(row.terms)) for row in queries.offers_of(db.session, shop)]
    return page("offers/list.html", desk=desk_of(shop), rows=rows)


@bp.get("/console/<int:shop>/offers/new")
@policy(owner_of("shop"))
def new(shop: int) -> Response:
    """Show an empty form."""
    return form_page(shop, OfferForm())


@bp.post("/console/<int:shop>/offers")
@policy(owner_of("shop"))
def publish(shop: int) -> Response:
    """Publish an offer, or show what guests would see."""
    return saved(shop, None, lambda session, draft: rules.publish(session, shop_id=shop, draft=draft))


@bp.get("/console/<int:shop>/offers/<int:offer>")
@policy(owner_of("shop"))
def edit(shop: int, offer: int) -> Response:
    """Show an offer's terms, ready to be revised."""
    row = queries.shop_offer(db.session, shop_id=shop, offer_id=offer)
    form = OfferForm(data=terms_values(queries.current_terms(db.session, row)))
    return form_page(shop, form, row)


@bp.post("/console/<int:shop>/offers/<int:offer>")
@policy(owner_of("shop"))
def revise(shop: int, offer: int) -> Response:
    """Write the next version of the terms, or show what guests would see."""
    row = queries.shop_offer(db.session, shop_id=shop, offer_id=offer)
    return saved(shop, row, lambda session, draft: rules.revise(session, offer_id=offer, draft=draft))


@bp.post("/console/<int:shop>/offers/<int:offer>/pause")
@policy(owner_of("shop"))
def pause(shop: int, offer: int) -> Response:
    """Stop selling for now."""
    return moved(shop, offer, rules.pause, _("Paused. Vouchers already sold stay good."))


@bp.post("/console/<int:shop>/offers/<int:offer>/resume")
@policy(owner_of("shop"))
def resume(shop: int, offer: int) -> Response:
    """Sell again."""
    return moved(shop, offer, rules.resume, _("On sale again."))


@bp.post("/console/<int:shop>/offers/<int:offer>/end")
@policy(owner_of("shop"))
def end(shop: int, offer: int) -> Response:
    """Stop selling for good."""
    return moved(shop, offer, rules.end, _("Ended. Vouchers already sold stay good."))


def saved(shop_id: int, offer: Offer | None, write: Callable[[Session, Draft], Any]) -> Response:
    """Carry out a posted form once: check it, preview it or write it, and go back to the list."""
    form = OfferForm()
    wants_lines = request.form.get("do") == "lines"
    draft = None if wants_lines else read_draft(form)
    if draft is None or request.form.get("do") == "preview":
        return not_yet(shop_id, form, offer, draft)
    owner, key = f"account:{current_user.account_id}", posted_key()
    content = {"shop": shop_id, "offer": offer.id if offer else 0, **form.data}
    begin_write()
    if once(db.session, owner, key, content) is None:
        try:
            write(db.session, draft)
        except RuleBroken as refusal:
            db.session.rollback()
            form.refused(refusal)
            return form_page(shop_id, form, offer, status=refusal.status)
        remember(db.session, owner, key, content, f"/console/{shop_id}/offers")
        db.session.commit()
    journal.deliver(db.session)
    toast(_("Published. Guests see it now."))
    return see_other(f"/console/{shop_id}/offers")


def not_yet(shop_id: int, form: OfferForm, offer: Offer | None, draft: Draft | None) -> Response:
    """Show the form again: with more lines, with a preview, or with what is wrong."""
    if request.form.get("do") == "lines":
        form.add_lines()
        return form_page(shop_id, form, offer)
    return form_page(shop_id, form, offer, draft=draft, status=422 if draft is None else 200)


def read_draft(form: OfferForm) -> Draft | None:
    """Return the draft of a posted form, None after marking what cannot be."""
    form.offer_choices(html_lang())
    fits = form.validate_on_submit()
    town = shops.founded(db.session)
    draft = form.draft(town.currency, coupons_only=coupons_only())
    if draft is None or not fits:
        return None
    try:
        check(draft, rules.local_day(clock.now(), town.timezone))
    except RuleBroken as refusal:
        form.refused(refusal)
        return None
    return draft


def moved(shop_id: int, offer_id: int, move: Callable[..., Any], said: str) -> Response:
    """Change an offer's state; the same again changes nothing."""
    begin_write()
    queries.shop_offer(db.session, shop_id=shop_id, offer_id=offer_id)
    move(db.session, offer_id=offer_id)
    db.session.commit()
    journal.deliver(db.session)
    toast(said)
    return see_other(f"/console/{shop_id}/offers")


def coupons_only() -> bool:
    """Tell whether this town must not take money yet."""
    return not payments.takes_money(current_app.config["O2O"])


def desk_of(shop_id: int) -> shops.Desk:
    """Return the visitor's desk at a shop."""
    return shops.desk(db.session, account_id=current_user.account_id, shop_id=shop_id, locale=html_lang())


def form_page(
    shop_id: int,
    form: OfferForm,
    offer: Offer | None = None,
    *,
    draft: Draft | None = None,
    status: int = 200,
) -> Response:
    """Show the form, and above it exactly what guests would see of a draft."""
    currency = shops.founded(db.session).currency
    return page(
        "offers/edit.html",
        desk=desk_of(shop_id),
        form=form.offer_choices(html_lang()),
        offer=offer,
        currency=currency,
        coupons_only=coupons_only(),
        preview=show.view(rules.as_terms(draft, currency=currency)) if draft else None,
        sold=queries.sold(db.session, offer.id) if offer else 0,
        status=status,
    )
