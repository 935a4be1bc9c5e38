"""What moves the score, and what never does: paid redemptions, confirmed visits, strangers to the shop."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from o2o.kernel import checks, clock, journal
from o2o.kernel.errors import RuleBroken
from o2o.notifications.models import Message
from o2o.offers.models import Offer
from o2o.reviews import queries, rules
from o2o.reviews.models import Review
from o2o.shops import rules as shops
from o2o.shops.models import Shop
from tests.factories import make_account, make_role
from tests.reviews.town import A_DAY, Corner

NOW = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():  # type: ignore[no-untyped-def]
    with time_machine.travel(NOW, tick=False):
        yield


def deliver(session: Session) -> None:
    session.commit()
    journal.deliver(session)
    journal.begin_write(session)


def test_paid_redemptions_and_confirmed_visits_count(session: Session) -> None:
    corner = Corner(session)
    corner.write(corner.redeemed(), rating=5)
    corner.write(corner.visited("second"), "second", rating=2)
    assert corner.sums[:2] == (7, 2)
    assert queries.spread(session, corner.shop.id) == {5: 1, 4: 0, 3: 0, 2: 1, 1: 0}
    assert checks.broken(session) == []


def test_free_coupons_and_unconfirmed_visits_stand_apart(session: Session) -> None:
    corner = Corner(session, price=0)
    corner.write(corner.redeemed(), rating=5)
    corner.write(corner.visited("second", confirmed=False), "second", rating=5)
    assert corner.sums[:2] == (0, 0)
    assert queries.apart(session, corner.shop.id) == 2
    assert len(queries.page(session, shop_id=corner.shop.id, number=1, show="apart")[0]) == 2
    assert queries.page(session, shop_id=corner.shop.id, number=1) == ([], False)
    assert checks.broken(session) == []


def test_a_visit_confirmed_later_counts_from_then_on(session: Session) -> None:
    corner = Corner(session)
    visit = corner.visited(confirmed=False)
    corner.write(visit, rating=4)
    assert corner.sums[:2] == (0, 0)
    from o2o.checkin import rules as checkin

    checkin.confirm(session, visit_id=visit.id, shop_id=corner.shop.id, staff_id=corner.staff, now=NOW)
    deliver(session)
    assert corner.sums[:2] == (4, 1)
    assert checks.broken(session) == []


def test_an_annulled_redemption_leaves_score_and_honesty(session: Session) -> None:
    corner = Corner(session)
    row = corner.redeemed()
    corner.write(row, rating=5)
    corner.answer(row)
    assert corner.sums == (5, 1, 1, 1)
    corner.annul(row)
    deliver(session)
    assert corner.sums == (0, 0, 0, 0)
    assert session.get_one(Offer, corner.offer_id).honest_count == 0
    said = queries.page(session, shop_id=corner.shop.id, number=1, show="apart")[0][0]
    assert said.annulled_at is not None
    assert checks.broken(session) == []


@pytest.mark.parametrize(
    ("ended", "speaks"),
    [(None, False), (364, False), (366, True)],
    ids=["works here", "left 364 days ago", "left 366 days ago"],
)
def test_who_works_or_worked_here_may_not_speak(session: Session, ended: int | None, speaks: bool) -> None:
    corner = Corner(session)
    row, visit = corner.redeemed(), corner.visited()
    corner.role("guest", ended=None if ended is None else NOW - ended * A_DAY)
    if speaks:
        corner.write(row, rating=5)
        corner.answer(row)
        assert corner.sums == (5, 1, 1, 1)
        return
    for attempt in (
        lambda: corner.write(row),
        lambda: corner.write(visit),
        lambda: corner.answer(row),
    ):
        with pytest.raises(RuleBroken) as refused:
            attempt()
        assert (refused.value.code, refused.value.status) == ("insider", 403)
    assert corner.sums == (0, 0, 0, 0)
    assert queries.owed(session, account_id=row_account(session), now=NOW) == []


def row_account(session: Session, handle: str = "guest") -> int:
    return make_account(session, handle).id


@pytest.mark.parametrize("ended", [None, 364, 366])
def test_the_condition_itself_leaves_them_out(session: Session, ended: int | None) -> None:
    """Whatever the rules let through: the counted set knows roles by itself."""
    corner = Corner(session)
    corner.write(corner.redeemed(), rating=5)
    corner.answer(corner.redeemed())
    corner.role("guest", ended=None if ended is None else NOW - ended * A_DAY)
    rules.recount(session, shop_id=corner.shop.id)
    rules.recount_answers(session, offer_id=corner.offer_id)
    counts = ended == 366
    assert corner.sums == ((5, 1, 1, 1) if counts else (0, 0, 0, 0))
    assert checks.broken(session) == []


def test_a_role_given_later_takes_the_reviews_out_for_good(session: Session) -> None:
    corner = Corner(session)
    corner.write(corner.redeemed(), rating=5)
    corner.answer(corner.redeemed())
    deliver(session)
    role = shops.give_role(session, shop=corner.shop, account_id=row_account(session), kind="staff")
    session.flush()
    role_id = role.id
    deliver(session)
    assert corner.sums == (0, 0, 0, 0)
    shops.end_role(session, shop_id=corner.shop.id, role_id=role_id)
    rules.recount(session, shop_id=corner.shop.id)
    assert corner.sums == (0, 0, 0, 0)
    with time_machine.travel(NOW + timedelta(days=500), tick=False):
        rules.recount(session, shop_id=corner.shop.id)
    assert corner.sums[:2] == (0, 0)
    assert checks.broken(session) == []


def test_a_role_elsewhere_matters_not(session: Session) -> None:
    corner, other = Corner(session), Corner(session, "另一家")
    make_role(session, other.shop, "guest")
    corner.write(corner.redeemed(), rating=3)
    assert corner.sums[:2] == (3, 1)
    assert other.sums[:2] == (0, 0)


def test_hidden_reviews_leave_the_score_and_a_tombstone(session: Session) -> None:
    corner = Corner(session)
    review = corner.write(corner.redeemed(), rating=1)
    rules.hide(session, review_id=review.id, why="A name of a private person")
    assert corner.sums[:2] == (0, 0)
    said = queries.page(session, shop_id=corner.shop.id, number=1)[0]
    assert [(one.review.state, one.review.hidden_why) for one in said] == [
        ("hidden", "A name of a private person")
    ]
    rules.show(session, review_id=review.id)
    assert corner.sums[:2] == (1, 1)
    assert checks.broken(session) == []


def test_drift_is_named(session: Session) -> None:
    corner = Corner(session)
    corner.write(corner.redeemed(), rating=4)
    corner.answer(corner.redeemed())
    session.execute(update(Shop).values(rating_sum=9, honest_yes=0))
    session.execute(update(Offer).values(honest_count=7))
    lines = checks.broken(session)
    assert [line[:2] for line in lines] == ["V1", "V2", "V3"]
    assert f"shop {corner.shop.id}: 9 from 1 stored, 4 from 1 counted" in lines[0]
    assert f"offer {corner.offer_id}: 1 of 7 stored, 1 of 1 counted" in lines[1]
    assert f"shop {corner.shop.id}: 0 of 1 stored, 1 of 7 in its offers" in lines[2]


def test_an_erased_author_still_counts_without_words(session: Session) -> None:
    from o2o.accounts import registry
    from o2o.photos import rules as photos
    from tests.photos.pictures import scene, written

    corner = Corner(session)
    picture = photos.prepare(written(scene(64, 64)))
    row = corner.redeemed()
    review = corner.write(row, rating=2, photos=[picture])
    corner.answer(row, is_kept=False, missing="No milk, said Wang")
    registry.erase(session, account_id=row_account(session))
    deliver(session)
    session.expire_all()
    said = queries.one(session, review.id)
    assert (said.review.text, list(said.photos), corner.sums) == ("", [], (2, 1, 0, 1))
    assert queries.complaints(session, shop_id=corner.shop.id, number=1)[0][0][0].missing == ""
    assert session.get_one(Review, review.id).rating == 2
    rules.hide(session, review_id=review.id, why="Spam")
    assert session.scalar(select(func.count(Message.id)).where(Message.kind == "review.hidden")) == 0
    assert checks.broken(session) == []


def test_a_shop_that_is_gone_is_not_counted_until_it_comes_back(session: Session) -> None:
    corner = Corner(session)
    corner.write(corner.redeemed(), rating=4)
    corner.shop.status = "gone"
    session.flush()
    rules.recount(session, shop_id=corner.shop.id)
    session.execute(update(Review).values(rating=2))
    assert checks.broken(session) == []
    corner.shop.status = "claimed"
    journal.record(session, "shop.changed", shop_id=corner.shop.id)
    deliver(session)
    assert corner.sums[:2] == (2, 1)
    assert clock.now() == NOW
