"""Many tabs write about one proof at once: one review; and a control that fails without the guard."""

import threading
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from o2o.checkin import rules as checkin
from o2o.kernel import checks, clock, journal
from o2o.kernel.db import begin_write, db, new_id
from o2o.reviews import rules
from o2o.reviews.models import Review
from o2o.shops import queries as shops
from o2o.shops.models import Shop
from tests.factories import make_account
from tests.racers import race
from tests.reviews.town import Corner

TABS = 8


class Proof:
    """A committed redemption of a guest, by plain ids."""

    def __init__(self) -> None:
        begin_write()
        corner = Corner(db.session)
        row = corner.redeemed()
        self.shop_id, self.redemption_id, self.pass_id = corner.shop.id, row.id, row.pass_id
        self.second = corner.redeemed("second").id
        self.guest, self.other = (make_account(db.session, handle).id for handle in ("guest", "second"))
        db.session.commit()

    def write(self, session: Session, *, rating: int, key: str) -> Review:
        begin_write(session)
        words = {"rating": rating, "text": f"{rating} stars", "key": key, "now": clock.now()}
        review = rules.write(session, account_id=self.guest, redemption_id=self.redemption_id, **words)
        session.commit()
        return review


def written(session: Session) -> int:
    return session.scalar(select(func.count(Review.id))) or 0


def test_eight_tabs_with_different_words_are_one_review(app: Flask) -> None:
    proof = Proof()
    outcomes = race(
        app, lambda s, n: proof.write(s, rating=1 + n % 5, key=new_id()), times=TABS * 3, threads=TABS
    )
    assert set(outcomes) <= {"ok", "written"}, outcomes
    # Those who said the very same words are told yes: it stands there.
    assert outcomes["ok"] >= 1
    assert written(db.session) == 1
    assert checks.broken(db.session) == []


def test_one_press_sent_eight_times_is_one_review(app: Flask) -> None:
    proof = Proof()
    outcomes = race(
        app, lambda s, _n: proof.write(s, rating=4, key="one press"), times=TABS * 2, threads=TABS
    )
    assert outcomes == {"ok": TABS * 2}
    assert written(db.session) == 1
    assert checks.broken(db.session) == []


def test_reviews_of_many_people_all_count(app: Flask) -> None:
    """Each counts anew what the others wrote: none is lost."""
    begin_write()
    corner = Corner(db.session)
    proofs = [
        (make_account(db.session, f"guest{n}").id, corner.redeemed(f"guest{n}").id) for n in range(TABS)
    ]
    shop = corner.shop
    db.session.commit()

    def attempt(session: Session, number: int) -> None:
        account_id, redemption_id = proofs[number]
        begin_write(session)
        words: dict[str, Any] = {"rating": 5, "text": "", "key": new_id(), "now": clock.now()}
        rules.write(session, account_id=account_id, redemption_id=redemption_id, **words)
        rules.answer(
            session, account_id=account_id, redemption_id=redemption_id, is_kept=True, now=clock.now()
        )
        session.commit()

    assert race(app, attempt, times=TABS, threads=TABS) == {"ok": TABS}
    db.session.refresh(shop)
    sums = (shop.rating_sum, shop.rating_count, shop.honest_yes, shop.honest_count)
    assert sums == (5 * TABS, TABS, TABS, TABS)
    assert checks.broken(db.session) == []


def test_the_control_without_the_guard_breaks(app: Flask) -> None:
    """Read, wait for the others, write: all but one run into the table's own constraint."""
    proof = Proof()
    together = threading.Barrier(TABS)
    broken: list[str] = []

    def naive(session: Session, _number: int) -> None:
        known = select(Review.id).where(Review.redemption_id == proof.redemption_id)
        is_new = session.scalars(known).first() is None
        together.wait()
        if not is_new:
            return
        begin_write(session)
        row = {"shop_id": proof.shop_id, "account_id": proof.guest, "redemption_id": proof.redemption_id}
        words = {"key": new_id(), "rating": 5, "text": "", "state": "shown", "at": clock.now()}
        try:
            session.connection().execute(insert(Review).values(**row, pass_id=proof.pass_id, **words))
            session.commit()
        except IntegrityError as error:
            broken.append(str(error.orig))
            session.rollback()

    assert race(app, naive, times=TABS, threads=TABS) == {"ok": TABS}
    assert len(broken) == TABS - 1
    assert written(db.session) == 1


def test_the_control_that_counts_before_it_locks_loses_reviews(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count, wait, store: the sum of the slower one forgets the faster one's review."""
    # SQLite has one writer at a time: a second count cannot begin before the first has committed.
    together = threading.Barrier(2) if db.engine.dialect.name == "postgresql" else None
    proof = Proof()
    people = [(proof.guest, proof.redemption_id), (proof.other, proof.second)]

    def forgetful(session: Session, *, shop_id: int) -> None:
        sums = session.execute(
            select(func.sum(Review.rating), func.count()).where(Review.shop_id == shop_id)
        ).one()
        if together is not None:
            together.wait()
        late = update(Shop).where(Shop.id == shop_id)
        session.execute(late.values(rating_sum=sums[0], rating_count=sums[1]))

    monkeypatch.setattr(rules, "recount", forgetful)
    unlocked = shops.shop
    monkeypatch.setattr(shops, "shop", lambda session, shop_id, lock=False: unlocked(session, shop_id))

    def attempt(session: Session, number: int) -> None:
        account_id, redemption_id = people[number]
        begin_write(session)
        words: dict[str, Any] = {"rating": 5, "text": "", "key": new_id(), "now": clock.now()}
        rules.write(session, account_id=account_id, redemption_id=redemption_id, **words)
        session.commit()

    assert race(app, attempt, times=2, threads=2) == {"ok": 2}
    drift = [line for line in checks.broken(db.session) if line.startswith("V1")]
    assert len(drift) == (0 if together is None else 1)


def test_a_confirmation_meets_the_first_review_of_a_shop(app: Flask) -> None:
    """The visit is confirmed while its review is being written: the reaction waits for it and counts it."""
    begin_write()
    corner = Corner(db.session)
    visit = corner.visited(confirmed=False)
    visit_id, shop_id, staff = visit.id, corner.shop.id, corner.staff
    guest = make_account(db.session, "guest").id
    db.session.commit()
    counted, confirmed = threading.Event(), threading.Event()

    def attempt(session: Session, number: int) -> None:
        if number == 0:
            begin_write(session)
            words: dict[str, Any] = {"rating": 4, "text": "", "key": new_id(), "now": clock.now()}
            rules.write(session, account_id=guest, visit_id=visit_id, **words)
            counted.set()
            if db.engine.dialect.name == "postgresql":  # the other has one writer at a time
                assert confirmed.wait(10)
                time.sleep(0.3)  # the reaction has looked for reviews by now
            session.commit()
            return
        assert counted.wait(10)
        begin_write(session)
        given = {"visit_id": visit_id, "shop_id": shop_id, "staff_id": staff, "now": clock.now()}
        checkin.confirm(session, **given)
        session.commit()
        confirmed.set()
        journal.deliver(session)

    assert race(app, attempt, times=2, threads=2) == {"ok": 2}
    shop = db.session.get_one(Shop, shop_id, populate_existing=True)
    assert (shop.rating_sum, shop.rating_count) == (4, 1)
    assert checks.broken(db.session) == []
