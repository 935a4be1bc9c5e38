"""A posted offer, from what was typed to what is kept: read, reckoned, previewed, asked about, written."""

from typing import Any, NamedTuple

from flask import Response, current_app, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from o2o.designer import panel, rules
from o2o.designer.rules import Costs, check_costs
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, see_other, toast
from o2o.kernel.words import N_
from o2o.offer_changes import reckoning
from o2o.offer_changes.forms import OfferForm
from o2o.offers import rules as offers
from o2o.offers import show
from o2o.offers.draft import Draft, check
from o2o.offers.models import Offer
from o2o.payments import rules as payments
from o2o.shops import queries as shops

# What the form's buttons ask for; whatever else is posted publishes, as it always did.
SHOWN_AGAIN = ("lines", "preview")
CLAIMANTS = N_("The shop is not yours yet. Save the offer for later; publish it once your claim is approved.")


class Ready(NamedTuple):
    """What a form that can be carried out says."""

    draft: Draft
    costs: Costs | None


def saved(shop_id: int, offer: Offer | None) -> Response:
    """Carry out a posted form once: check it, preview it or write it, and go back to the list."""
    form, do = OfferForm(), request.form.get("do", "publish")
    ready = None if do == "lines" else read(form)
    if ready is None or do in SHOWN_AGAIN:
        return not_yet(shop_id, form, offer, ready)
    owner, key = f"account:{current_user.account_id}", posted_key()
    content = {"shop": shop_id, "offer": offer.id if offer else 0, "do": do, **form.data}
    wanted = offer.id if offer else None
    begin_write()
    if once(db.session, owner, key, content) is None:
        try:
            write(db.session, shop_id, wanted, ready, do=do)
        except RuleBroken as refusal:
            db.session.rollback()
            return refused(shop_id, form, offer, refusal)
        remember(db.session, owner, key, content, f"/console/{shop_id}/offers")
        db.session.commit()
    journal.deliver(db.session)
    toast(
        _("Saved for later. Only your shop sees it.") if do == "save" else _("Published. Guests see it now.")
    )
    return see_other(f"/console/{shop_id}/offers")


def write(session: Session, shop_id: int, offer_id: int | None, ready: Ready, *, do: str) -> None:
    """Keep a draft, publish it, or write an offer's next version; raises what the rules raise."""
    draft, costs = ready
    if do == "save" and offer_id is None:
        rules.prepare(session, shop_id=shop_id, draft=draft, costs=costs)
    elif do == "save" and offer_id is not None:
        rules.redraft(session, offer_id=offer_id, draft=draft, costs=costs)
    elif not desk_of(shop_id).is_manager:
        raise RuleBroken("not_yours_yet", CLAIMANTS)
    elif offer_id is None:
        rules.publish(session, shop_id=shop_id, draft=draft, costs=costs)
    else:
        terms = rules.revise(session, offer_id=offer_id, draft=draft, costs=costs)
        if terms.offer.state == "draft":
            rules.put_on_sale(session, offer_id=offer_id, known=costs.known if costs else "")


def refused(shop_id: int, form: OfferForm, offer: Offer | None, refusal: RuleBroken) -> Response:
    """Show the form again with the question about a deal under cost, or with what the rules said."""
    if refusal.code == "under_cost":
        asked = asked_about(refusal)
        return form_page(shop_id, form, offer, asked=asked, status=refusal.status)
    if "field" in refusal.params:
        form.refused(refusal)
        return form_page(shop_id, form, offer, status=refusal.status)
    said = _(refusal.sentence) % refusal.params
    return form_page(shop_id, form, offer, said=said, status=refusal.status)


def asked_about(refusal: RuleBroken) -> panel.Question:
    """Put a deal under cost as a question."""
    currency = shops.founded(db.session).currency
    return panel.question(refusal.params["worst"], currency, sold=refusal.params["sold"])


def not_yet(shop_id: int, form: OfferForm, offer: Offer | None, ready: Ready | None) -> Response:
    """Show the form again: with more lines, with a preview, or with what is wrong."""
    if request.form.get("do") == "lines":
        form.add_lines()
        return form_page(shop_id, form, offer)
    return form_page(shop_id, form, offer, draft=ready and ready.draft, status=200 if ready else 422)


def read(form: OfferForm) -> Ready | None:
    """Return what a posted form says, None after marking what cannot be."""
    form.offer_choices(html_lang())
    fits = form.validate_on_submit()
    town = shops.founded(db.session)
    draft = form.draft(town.currency, coupons_only=coupons_only())
    costs = form.costs(town.currency)
    if draft is None or not fits or form.cost.errors or form.fixed.errors:
        return None
    try:
        check(draft, offers.local_day(clock.now(), town.timezone))
        if costs is not None:
            check_costs(costs)
    except RuleBroken as refusal:
        form.refused(refusal)
        return None
    return Ready(draft, costs)


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
    block: str | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    """Show the form, what the deal is worth, and above it exactly what guests would see of a draft.

    `more` may hold `asked`, the question about a deal under cost, and `said`, what a rule refused.
    """
    town = shops.founded(db.session)
    sales = reckoning.sales(form, town, offer)
    return page(
        "offer_changes/edit.html",
        block=block,
        desk=desk_of(shop_id),
        form=form.offer_choices(html_lang()),
        offer=offer,
        currency=town.currency,
        coupons_only=coupons_only(),
        panel=reckoning.read(form, town.currency, offers.local_day(clock.now(), town.timezone), sales),
        preview=show.view(offers.as_terms(draft, currency=town.currency)) if draft else None,
        sold=sales.sold,
        status=status,
        **more,
    )
