"""Getters of plans, and what an offer's vouchers have left and still owe."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from o2o.capacity.models import Pool
from o2o.designer.models import Plan
from o2o.designer.plans import Costs, Sales
from o2o.offers import rules as offers
from o2o.offers.models import Offer, Terms
from o2o.passes.models import Pass


def plan(session: Session, offer: Offer) -> Plan | None:
    """Return what the owner reckons with under the current terms: for the shop's own desk alone."""
    return session.get(Plan, offer.terms_id)


def sales(session: Session, offer: Offer, plan: Plan | Costs, *, now: datetime, timezone: str) -> Sales:
    """Count what an offer sold, each voucher under its own terms and their plan; under `plan` where they have none.

    A voucher that expired or whose money goes back owes nothing; one that is being paid for is still to be sold.
    """
    total, today = offers.total_key(offer.id), offers.day_key(offer.id, now, timezone)
    pools = select(Pool.key, Pool.committed).where(Pool.key.in_([total, today]))
    sold = {row[0]: row[1] for row in session.execute(pools)}
    costs = {
        row[0]: row[1]
        for row in session.execute(select(Plan.terms_id, Plan.cost).where(Plan.offer_id == offer.id))
    }
    earned, owed = 0, []
    for terms_id, uses, open_uses, open_value, used, spent in session.execute(_uses(offer)):
        cost = costs.get(terms_id, plan.cost)
        earned += int(spent) + -int(used) * cost // uses
        owed.append(int(open_value) + -int(open_uses) * cost // uses)
    return Sales(sold.get(total, 0), sold.get(today, 0), earned, tuple(owed))


def _uses(offer: Offer) -> Select[int, int, Any, Any, int, int]:
    """Add up, by terms: uses a voucher has, those that can still be redeemed and their value, those that were."""
    # A till that was offline may bring a use after the last day, until the state says otherwise.
    is_open = Pass.state == "valid"
    return (
        select(
            Pass.terms_id,
            Terms.uses,
            func.sum(case((is_open, Pass.uses_left), else_=0)),
            func.sum(case((is_open, Pass.paid - Pass.spent), else_=0)),
            func.sum(Pass.uses - Pass.uses_left),
            func.sum(Pass.spent),
        )
        .join(Terms, Terms.id == Pass.terms_id)
        .where(Pass.shop_id == offer.shop_id, Terms.offer_id == offer.id)
        .group_by(Pass.terms_id, Terms.uses)
        .order_by(Pass.terms_id)
    )
