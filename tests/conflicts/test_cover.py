"""What the platform pays cannot be farmed: not by made-up guests, own people, or lists that only say they are old."""

from datetime import timedelta

from sqlalchemy.orm import Session

from o2o.conflicts import policy, rules
from o2o.feed import queries as feed
from o2o.kernel.db import begin_write
from o2o.orders import queries as orders
from o2o.refunds import rules as refunds
from tests.conflicts.town import LATER, NOON, Counter, whole
from tests.factories import make_paid_order

THREE_DAYS = timedelta(hours=72)


def twice_settled(counter: Counter, guest: str) -> None:
    """Have a guest show a pass at both tills, and settle it after three days."""
    counter.guest = guest
    counter.pass_ = counter.sell()
    counter.twice()
    counter.make_final(LATER + timedelta(hours=1))
    counter.make_final(LATER + THREE_DAYS)
    rules.settle_due(counter.session, now=LATER + THREE_DAYS)


def test_made_up_guests_do_not_multiply_the_cover(session: Session) -> None:
    counter = Counter(session)
    for number in range(policy.COVERS_PER_SHOP + 3):
        twice_settled(counter, f"sock-{number}")
    assert len(counter.covers()) == policy.COVERS_PER_SHOP
    other = Counter(session, owner="honest")
    twice_settled(other, "sock-99")
    assert len(other.covers()) == policy.COVERS_PER_SHOP + 1, "one shop's doing costs no other shop"
    for cover in counter.covers():
        cover.at -= timedelta(days=policy.COVER_DAYS)
    session.flush()
    twice_settled(counter, "later")
    assert len(counter.covers()) == policy.COVERS_PER_SHOP + 2
    assert whole(session) == []


def test_a_shops_own_people_are_not_paid_for(session: Session) -> None:
    counter = Counter(session)
    for guest in ("owner", "owner-staff"):
        twice_settled(counter, guest)
    assert counter.covers() == []
    assert len(counter.strikes()) == 2
    assert whole(session) == []


def test_a_list_that_named_the_refund_is_no_excuse_however_old_it_says_it_is(session: Session) -> None:
    for known, bears in ((0, "platform"), (1, "shop")):
        counter = Counter(session, owner=f"owner-{bears}")
        order = make_paid_order(session, counter.terms, "guest", key=bears)
        counter.pass_ = orders.passes_of(session, order.id)[0]
        asked = refunds.request(session, pass_id=counter.pass_.id, cause="guest", now=NOON)
        session.commit()
        begin_write(session)
        told = feed.epoch_of(session, shop_id=counter.shop.id, kind="mark", subject=str(asked.mark))
        assert told is not None
        claim = counter.claim(0, 3600, list_at=asked.requested_at - timedelta(minutes=5))
        claim.list_epoch = told - 1 + known
        (row,) = counter.fold()
        assert (row.cause, row.bears) == ("after_refund", bears)
    assert whole(session) == []
