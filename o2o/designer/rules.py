"""What happens to offers whose owner reckons: as the offers' rules do it, with the plan kept and asked about."""

from sqlalchemy.orm import Session

from o2o.designer import queries, worth
from o2o.designer.models import Plan
from o2o.designer.plans import NOTHING_SOLD, REGULARS, Costs, Sales, ask, check_costs, deal_of
from o2o.designer.worth import Deal, Worst, together
from o2o.kernel import clock
from o2o.offers import rules as offers
from o2o.offers.models import Offer, Terms
from o2o.offers.rules import Draft
from o2o.shops import queries as shops

__all__ = [
    "NOTHING_SOLD", "REGULARS", "Costs", "Deal", "Sales", "Worst", "ask", "check_costs", "loss", "prepare", "publish",
    "put_on_sale", "redraft", "resume", "revise", "together",
]  # fmt: skip


def publish(session: Session, *, shop_id: int, draft: Draft, costs: Costs | None = None) -> Offer:
    """Put an offer on sale with its plan; RuleBroken under_cost when its worst case is not known."""
    offer = offers.publish(session, shop_id=shop_id, draft=draft)
    _keep(session, _terms(session, offer), costs, asks=True)
    return offer


def prepare(session: Session, *, shop_id: int, draft: Draft, costs: Costs | None = None) -> Offer:
    """Write an offer that nobody sees yet, with its plan; nothing is asked."""
    offer = offers.prepare(session, shop_id=shop_id, draft=draft)
    _keep(session, _terms(session, offer), costs, asks=False)
    return offer


def redraft(session: Session, *, offer_id: int, draft: Draft, costs: Costs | None = None) -> Terms:
    """Write a draft and its plan anew."""
    terms = offers.redraft(session, offer_id=offer_id, draft=draft)
    _keep(session, terms, costs, asks=False)
    return terms


def revise(session: Session, *, offer_id: int, draft: Draft, costs: Costs | None = None) -> Terms:
    """Write the next terms version and its plan; RuleBroken under_cost unless nobody sees the offer yet."""
    terms = offers.revise(session, offer_id=offer_id, draft=draft)
    _keep(session, terms, costs, asks=terms.offer.state != "draft")
    return terms


def put_on_sale(session: Session, *, offer_id: int, known: str = "") -> Offer:
    """Publish a prepared offer as it is written; twice is the same as once. RuleBroken as for publish."""
    is_on_sale = offers.locked(session, offer_id=offer_id).state == "on_sale"
    offer = offers.put_on_sale(session, offer_id=offer_id)
    if not is_on_sale:
        _confirm(session, offer, known)
    return offer


def resume(session: Session, *, offer_id: int, known: str = "") -> Offer:
    """Sell a paused offer again; twice is the same as once. RuleBroken as for publish."""
    is_on_sale = offers.locked(session, offer_id=offer_id).state == "on_sale"
    offer = offers.resume(session, offer_id=offer_id)
    if not is_on_sale:
        _confirm(session, offer, known)
    return offer


def loss(session: Session, *, offer_id: int) -> Worst | None:
    """Return the worst case that is asked about before an offer sells; None where nothing is."""
    offer = offers.locked(session, offer_id=offer_id)
    plan = session.get(Plan, offer.terms_id)
    deal = _deal(session, plan, _terms(session, offer)) if plan else None
    return worth.worst(deal) if deal and worth.is_under_cost(deal) else None


def _keep(session: Session, terms: Terms, costs: Costs | None, *, asks: bool) -> None:
    """Keep the plan of one terms version; `asks` where guests are about to see it: RuleBroken under_cost."""
    if costs is None:
        return
    check_costs(costs)
    plan = Plan(
        terms_id=terms.id,
        offer_id=terms.offer_id,
        cost=costs.cost,
        fixed=costs.fixed,
        regulars=costs.regulars,
    )
    if asks:
        _ask(session, plan, terms, None if costs.is_meant else costs.known)
    session.add(plan)
    session.flush()


def _confirm(session: Session, offer: Offer, known: str) -> None:
    """Ask about the plan of an offer that is about to be sold, and note the loss that was known."""
    plan = session.get(Plan, offer.terms_id)
    if plan is not None:
        _ask(session, plan, _terms(session, offer), known)
        session.flush()


def _ask(session: Session, plan: Plan, terms: Terms, known: str | None) -> None:
    """Ask about a plan under cost, but not with None, and note what was confirmed."""
    deal = _deal(session, plan, terms)
    if not worth.is_under_cost(deal):
        plan.loss_seen = None
        return
    found = worth.worst(deal)
    if known is not None:
        ask(found, known, sold=deal.sold)
    plan.loss_seen = found.loss


def _terms(session: Session, offer: Offer) -> Terms:
    return session.get_one(Terms, offer.terms_id)


def _deal(session: Session, plan: Plan, terms: Terms) -> Deal:
    """Put the plan beside its terms and what the offer has sold under others."""
    now, timezone = clock.now(), shops.founded(session).timezone
    offer = session.get_one(Offer, terms.offer_id)
    sales = queries.sales(session, offer, plan, now=now, timezone=timezone)
    return deal_of(terms, plan, offers.local_day(now, timezone), sales)
