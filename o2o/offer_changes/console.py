"""The desk's offers: list, write, reckon, preview, keep as a draft, publish, revise, pause, resume, end."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from o2o.designer import panel, queries, rules
from o2o.kernel import actor, clock, journal
from o2o.kernel.access import manager_of, policy, preparer_of
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.web import GREATEST_ID, page, see_other, toast, wants_fragment
from o2o.offer_changes.forms import OfferForm, plan_values, terms_values
from o2o.offer_changes.writing import asked_about, desk_of, form_page, saved
from o2o.offers import queries as offer_queries
from o2o.offers import rules as offer_rules
from o2o.offers import show
from o2o.offers.models import Offer

bp = Blueprint("offers_console", __name__)


@bp.get("/console/<int:shop>/offers")
@policy(preparer_of("shop"))
def offers(shop: int) -> Response:
    """List the shop's offers with their states and what was sold; who claims it sees their own drafts."""
    return list_page(shop)


@bp.get("/console/<int:shop>/offers/new")
@policy(preparer_of("shop"))
def new(shop: int) -> Response:
    """Show an empty form, or one that begins like another offer of this shop."""
    like = request.args.get("like", type=int)
    return form_page(shop, OfferForm(data=None if like is None else begun(shop, like)))


@bp.post("/console/<int:shop>/offers")
@policy(preparer_of("shop"))
def publish(shop: int) -> Response:
    """Publish an offer, keep it as a draft, or show what guests would see."""
    return saved(shop, None)


@bp.post("/console/<int:shop>/offers/worth")
@policy(preparer_of("shop"))
def weigh(shop: int) -> Response:
    """Say what the deal in the form can bring and cost, with what the offer that is revised sold; nothing is saved."""
    offer = request.args.get("offer", type=int)
    row = workable(shop, offer) if offer is not None and 0 < offer <= GREATEST_ID else None
    return form_page(shop, OfferForm(), row, block="worth")


@bp.get("/console/<int:shop>/offers/<int:offer>")
@policy(preparer_of("shop"))
def edit(shop: int, offer: int) -> Response:
    """Show an offer's terms and plan, ready to be revised."""
    row = workable(shop, offer)
    return form_page(shop, OfferForm(data=values_of(row)), row)


@bp.post("/console/<int:shop>/offers/<int:offer>")
@policy(preparer_of("shop"))
def revise(shop: int, offer: int) -> Response:
    """Write the next version of the terms, or show what guests would see."""
    return saved(shop, workable(shop, offer))


@bp.post("/console/<int:shop>/offers/<int:offer>/publish")
@policy(manager_of("shop"))
def put_on_sale(shop: int, offer: int) -> Response:
    """Publish a draft as it is written; one under cost only with the figure that was asked about."""
    return sold_from_now(shop, offer, rules.put_on_sale, _("Published. Guests see it now."))


@bp.post("/console/<int:shop>/offers/<int:offer>/pause")
@policy(manager_of("shop"))
def pause(shop: int, offer: int) -> Response:
    """Stop selling for now."""
    return moved(shop, offer, offer_rules.pause, _("Paused. Vouchers already sold stay good."))


@bp.post("/console/<int:shop>/offers/<int:offer>/resume")
@policy(manager_of("shop"))
def resume(shop: int, offer: int) -> Response:
    """Sell again; an offer under cost only with the figure that was asked about."""
    return sold_from_now(shop, offer, rules.resume, _("On sale again."))


@bp.post("/console/<int:shop>/offers/<int:offer>/end")
@policy(preparer_of("shop"))
def end(shop: int, offer: int) -> Response:
    """Stop selling for good, or throw a draft away."""
    was_draft = workable(shop, offer).state == "draft"
    said = _("The draft is gone.") if was_draft else _("Ended. Vouchers already sold stay good.")
    return moved(shop, offer, offer_rules.end, said)


def sold_from_now(shop_id: int, offer_id: int, move: Callable[..., Any], said: str) -> Response:
    """Put an offer on sale, or show the list with the question about one under cost beside it."""
    try:
        done = moved(shop_id, offer_id, move, said, known=request.form.get("known", ""))
        return list_page(shop_id) if wants_fragment() else done
    except RuleBroken as refusal:
        if refusal.code != "under_cost":
            raise
        db.session.rollback()
        asked = asked_about(refusal)
        return list_page(shop_id, asked={offer_id: asked}, status=refusal.status)


def moved(shop_id: int, offer_id: int, move: Callable[..., Any], said: str, **more: str) -> Response:
    """Change an offer's state; the same again changes nothing."""
    begin_write()
    workable(shop_id, offer_id)
    move(db.session, offer_id=offer_id, **more)
    db.session.commit()
    journal.deliver(db.session)
    toast(said)
    return see_other(f"/console/{shop_id}/offers")


def workable(shop_id: int, offer_id: int) -> Offer:
    """Return an offer that the visitor may work on at this desk."""
    return offer_queries.desk_offer(
        db.session, shop_id=shop_id, offer_id=offer_id, own_drafts_of=claimants_label(shop_id)
    )


def claimants_label(shop_id: int) -> str | None:
    """Name a visitor who may only prepare; None for those who run the shop."""
    return None if desk_of(shop_id).is_manager else actor.current().label


def values_of(row: Offer) -> dict[str, Any]:
    """Return the form's values for an offer that is there."""
    terms = offer_queries.current_terms(db.session, row)
    return {**terms_values(terms), **plan_values(queries.plan(db.session, row), terms.currency)}


def begun(shop_id: int, like: int) -> dict[str, Any]:
    """Return the values with which a new offer begins: those of another, without its dates."""
    if not 0 < like <= GREATEST_ID:
        raise NotAllowed
    values = values_of(workable(shop_id, like))
    if values["validity"] == "dates":
        values |= {"validity": "days", "valid_days": 30, "valid_from": None, "valid_until": None}
    return values


def list_page(shop_id: int, *, asked: dict[int, panel.Question] | None = None, status: int = 200) -> Response:
    """Show the list; where an offer was asked about, the question stands beside it."""
    desk = desk_of(shop_id)
    mine = None if desk.is_manager else actor.current().label
    rows = offer_queries.offers_of(db.session, shop_id, own_drafts_of=mine)
    shown = [(row, show.view(row.terms)) for row in rows]
    is_held = not desk.is_claimant and not desk.shop.sells(clock.now())
    given: dict[str, Any] = {"desk": desk, "rows": shown, "asked": asked or {}, "is_held": is_held}
    return page("offer_changes/list.html", status=status, **given)
