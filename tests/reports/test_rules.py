"""Reports: made once, decided once, and what a decision carries out."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from o2o.accounts import registry
from o2o.kernel import checks, clock, journal
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.notifications.models import Message
from o2o.offers.models import Offer
from o2o.photos import folder
from o2o.photos import rules as photos
from o2o.photos.models import Photo
from o2o.reports import queries, rules
from o2o.reports.models import Report
from o2o.reviews.models import Review
from o2o.shops import rules as shops
from o2o.shops.models import Shop
from tests import factories
from tests.photos.pictures import scene, written
from tests.racers import race
from tests.reports.town import Place, make_report, settle


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Report)) or 0


def decide(place: Place, report: Report, **more: Any) -> Report:
    given = {
        "operator_id": place.operator,
        "state": "upheld",
        "words": "Checked on the spot",
        "now": clock.now(),
    }
    return rules.decide(db.session, report_id=report.id, **{**given, **more})


def test_one_open_report_per_person_and_thing(app: Flask) -> None:
    place = settle()
    begin_write()
    first = make_report(place, key="a")
    assert make_report(place, key="a", reason="moved").id == first.id
    assert make_report(place, key="b").id == first.id
    assert first.reason == "closed"
    assert make_report(place, review_id=place.review).id != first.id
    assert make_report(place, account_id=place.writer).id != first.id
    decide(place, first, state="dismissed")
    assert make_report(place, key="c").id != first.id
    assert make_report(place, key="a").id == first.id
    assert count() == 4
    assert queries.open_count(db.session) == 3


def test_what_is_not_there_cannot_be_reported(app: Flask) -> None:
    place = settle()
    begin_write()
    other = factories.make_shop(db.session, "Elsewhere")
    gone = factories.make_shop(db.session, "Gone", status="gone")
    for more in ({"shop_id": 987654}, {"shop_id": gone.id}, {"review_id": 987654}):
        with pytest.raises(NotAllowed):
            make_report(place, **more)
    with pytest.raises(NotAllowed):
        make_report(place, shop_id=other.id, review_id=place.review)
    make_report(place, review_id=place.review)
    for reason, review in (("fake", None), ("", None), ("closed", place.review), ("x", place.review)):
        with pytest.raises(BadInput) as error:
            make_report(place, reason=reason, review_id=review)
        assert error.value.params["field"] == "reason"
    with pytest.raises(BadInput):
        make_report(place, text="x" * 1001)
    assert count() == 1


def test_an_upheld_report_hides_the_review_and_its_photos(app: Flask) -> None:
    place = settle()
    begin_write()
    report = make_report(place, review_id=place.review, reason="private")
    db.session.commit()
    begin_write()
    decide(place, report, words="It names a neighbour")
    db.session.commit()
    journal.deliver(db.session)
    review = db.session.get_one(Review, place.review)
    assert (review.state, review.hidden_why, review.rating, review.text) == (
        "hidden", "It names a neighbour", 1, "Never again",
    )  # fmt: skip
    told = db.session.scalars(select(Message).where(Message.account_id == place.guest)).one()
    assert (told.kind, told.link) == ("report.upheld", f"/me/reports#report-{report.id}")
    # The owner learns nothing about who said it.
    assert not any(str(place.guest) in str(row.values) for row in db.session.scalars(select(Message)))
    begin_write()
    with pytest.raises(NotAllowed):
        make_report(place, review_id=place.review)
    assert checks.broken(db.session) == []


def test_dismissed_changes_nothing_else(app: Flask) -> None:
    place = settle()
    begin_write()
    about_review = make_report(place, review_id=place.review)
    about_shop = make_report(place)
    decide(place, about_review, state="dismissed")
    decide(place, about_shop, state="dismissed", take_down=True)
    assert db.session.get_one(Review, place.review).state == "shown"
    assert db.session.get_one(Shop, place.shop).status == "claimed"


def test_two_reports_of_one_review_are_both_decided(app: Flask) -> None:
    place = settle()
    begin_write()
    reports = [
        make_report(place, review_id=place.review, account_id=who) for who in (place.guest, place.writer)
    ]
    for report in reports:
        decide(place, report)
    assert db.session.get_one(Review, place.review).state == "hidden"


def test_deciding_twice_is_refused(app: Flask) -> None:
    place = settle()
    begin_write()
    report = make_report(place, review_id=place.review)
    decide(place, report, state="dismissed", words="Fair words")
    decide(place, report, state="dismissed", words="Fair words")  # a double click
    with pytest.raises(RuleBroken) as error:
        decide(place, report)
    assert (error.value.code, error.value.status) == ("decided", 409)
    db.session.refresh(report)
    assert (report.state, report.decision) == ("dismissed", "Fair words")
    assert db.session.get_one(Review, place.review).state == "shown"


def test_a_decision_has_words(app: Flask) -> None:
    place = settle()
    begin_write()
    report = make_report(place)
    for wrong, field in (
        ({"words": ""}, "words"),
        ({"words": "x" * 301}, "words"),
        ({"state": "open"}, "state"),
    ):
        with pytest.raises(BadInput) as error:
            decide(place, report, **wrong)
        assert error.value.params["field"] == field


@pytest.mark.parametrize("status", ["unclaimed", "claimed"])
def test_a_shop_leaves_the_map_by_choice_only(app: Flask, status: str) -> None:
    place = settle(status)
    begin_write()
    if status == "claimed":
        factories.make_terms(db.session, db.session.get_one(Shop, place.shop))
    decide(place, make_report(place))
    assert db.session.get_one(Shop, place.shop).status == status
    decide(place, make_report(place), take_down=True)
    assert db.session.get_one(Shop, place.shop).status == "gone"
    assert not db.session.scalar(select(Offer.id).where(Offer.state != "ended"))


def test_a_shop_stays_while_guests_hold_vouchers(app: Flask) -> None:
    place = settle(paid=True)
    begin_write()
    report = make_report(place)
    db.session.commit()
    begin_write()
    with pytest.raises(RuleBroken) as error:
        decide(place, report, take_down=True)
    assert error.value.code == "passes_there"
    db.session.rollback()
    assert db.session.get_one(Report, report.id).state == "open"
    assert db.session.get_one(Shop, place.shop).status == "claimed"


def test_a_wrong_address_is_no_reason_to_leave(app: Flask) -> None:
    place = settle("unclaimed")
    begin_write()
    decide(place, make_report(place, reason="wrong"), take_down=True)
    assert db.session.get_one(Shop, place.shop).status == "unclaimed"


def test_no_import_brings_a_shop_back_that_was_taken_down(app: Flask) -> None:
    from o2o.osm.place import Place as OnMap

    begin_write()
    factories.make_town(db.session)
    values = dict.fromkeys(
        OnMap.__dataclass_fields__ if hasattr(OnMap, "__dataclass_fields__") else OnMap._fields
    )
    on_map = OnMap(**{**values, "osm_id": "node/1", "name": "A", "category": "amenity/cafe", "lat": 39.9, "lng": 116.3,
                      "words": ()})  # fmt: skip
    shop = shops.add_listing(db.session, place=on_map)
    shops.take_down(db.session, shop_id=shop.id)
    assert shops.update_listing(db.session, shop=shop, place=on_map) == "kept"
    assert shop.status == "gone"


def test_who_erases_their_account_takes_their_words_and_photos(app: Flask) -> None:
    place = settle()
    picture = photos.prepare(written(scene(), "JPEG"))
    begin_write()
    report = make_report(place, reason="bribe", text="They pay for stars", photo=picture)
    kept = report.photo_id
    db.session.commit()
    home = folder.home(db.session)
    assert folder.whole(home, kept)
    begin_write()
    registry.erase(db.session, account_id=place.guest)
    db.session.commit()
    journal.deliver(db.session)
    begin_write()
    db.session.refresh(report)
    assert (report.text, report.photo_id, report.reason) == ("", None, "bribe")
    assert db.session.get(Photo, kept) is None
    assert not list(home.glob(f"*/{kept}*"))
    decide(place, report, words="Warned")
    assert db.session.scalar(select(func.count()).where(Message.account_id == place.guest)) == 0
    # The operator's own leaving blanks nobody's words.
    registry.erase(db.session, account_id=place.operator)
    db.session.refresh(report)
    assert report.decision == "Warned"


def undecided(place: Place) -> int:
    begin_write()
    number = make_report(place, review_id=place.review).id
    db.session.commit()
    return number


def both_ways(app: Flask, place: Place, report_id: int) -> dict[str, int]:
    """Let eight hands decide one report, half of them each way."""

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        rules.decide(
            session, report_id=report_id, operator_id=place.operator, words=f"By {number}", now=clock.now(),
            state=("upheld", "dismissed")[number % 2],
        )  # fmt: skip
        session.commit()

    return race(app, attempt, times=8, threads=8)


def test_many_hands_decide_once(app: Flask) -> None:
    place = settle()
    report_id = undecided(place)
    assert both_ways(app, place, report_id) == {"ok": 1, "decided": 7}
    db.session.rollback()
    report, review = db.session.get_one(Report, report_id), db.session.get_one(Review, place.review)
    assert (report.state == "upheld") == (review.state == "hidden")
    assert db.session.scalar(select(func.count()).where(Message.account_id == place.guest)) == 1


def test_without_the_guard_many_decide(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: read, wait for the others, write."""
    place = settle()
    report_id = undecided(place)
    together = threading.Barrier(2)
    read: list[str] = []

    def close(session: Session, report_id: int, values: dict[str, Any]) -> bool:
        session.execute(update(Report).where(Report.id == report_id).values(**values))
        return set(read) == {"open"}

    def attempt(session: Session, number: int) -> None:
        read.append(session.scalars(select(Report.state).where(Report.id == report_id)).one())
        session.rollback()
        together.wait(10)
        begin_write(session)
        rules.decide(
            session, report_id=report_id, operator_id=place.operator, words=f"By {number}", now=clock.now(),
            state="dismissed",
        )  # fmt: skip
        session.commit()

    monkeypatch.setattr(rules, "_close", close)
    assert race(app, attempt, times=2, threads=2) == {"ok": 2}
