"""Getters of plans."""

from sqlalchemy.orm import Session

from o2o.designer.models import Plan
from o2o.offers.models import Offer


def plan(session: Session, offer: Offer) -> Plan | None:
    """Return what the owner reckons with under the current terms: for the shop's own desk alone."""
    return session.get(Plan, offer.terms_id)
