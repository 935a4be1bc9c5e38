"""A shop that was let in, whose licence ends on a day, and new terms for it."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.onboarding.models import Claim
from o2o.papers import queries as answers
from o2o.papers import rules as papers
from o2o.requirements import rules as requirements
from o2o.shops.models import Shop
from tests.onboarding.town import make_admitted, make_listing, make_operator

START = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)  # noon in the town
LAST = date(2026, 6, 30)


def admitted(session: Session, last: date = LAST) -> tuple[Claim, Shop]:
    """Let a shop in whose licence ends on a day."""
    shop = make_listing(session)
    return make_admitted_until(session, shop, last), shop


def make_admitted_until(session: Session, shop: Shop, last: date) -> Claim:
    claim = make_admitted(session, shop)
    paper = next(row for row in answers.trail(session, claim.id) if row.photo_id)
    paper.expires_on = last
    session.flush()
    papers.weigh(session, shop_id=shop.id)
    return claim


def publish(session: Session, days: int) -> None:
    texts = {"text_zh": "新", "text_en": "new", "account_id": make_operator(session)}
    requirements.publish_terms(session, **texts, due_at=clock.now() + timedelta(days=days), now=clock.now())
