"""What the worker does for offers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.offers import rules
from o2o.offers.models import Offer, Terms
from o2o.shops import queries as shops
from o2o.shops.models import Shop

# Locked in one transaction; the next minute does the rest.
MOST = 500


@chore(every=60)
def end_over(session: Session) -> int:
    """End offers whose fixed dates are over."""
    now = clock.now()
    town = shops.town(session)
    if town is None:
        session.rollback()
        return 0
    past = Terms.valid_until < rules.local_day(now, town.timezone)
    live = Offer.state.in_(("on_sale", "paused"))
    over = select(Offer.id).join(Terms, Terms.id == Offer.terms_id).where(live, past)
    due = session.scalar(over.limit(1))
    session.rollback()
    if due is None:
        return 0
    begin_write(session)
    count = rules.end_over(session, now=now)
    session.commit()
    return count


@chore(every=30)
def refresh_stopped(session: Session) -> int:
    """Note which shops' right to sell has run out; a sale asks the shop itself, so none slips through before."""
    now = clock.now()
    due = session.scalar(select(Shop.id).where(Shop.live, Shop.sells_until <= now).limit(1))
    session.rollback()
    if due is None:
        return 0
    begin_write(session)
    count = rules.refresh_stopped(session, now=now)
    session.commit()
    return count


@chore(every=60)
def refresh_left(session: Session) -> int:
    """Note at which shops sales, holds that ran out and a new day changed whether anything is left."""
    now = clock.now()
    due = rules.changed_left(session, now=now)
    session.rollback()
    if not due:
        return 0
    begin_write(session)
    count = rules.refresh_left(session, shop_ids=sorted(due)[:MOST], now=now)
    session.commit()
    return count
