"""The till's order of checks: the first failure wins and has its reason."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from o2o.passes import queries as passes
from o2o.passes import rules as pass_rules
from o2o.passes.models import PassForm
from o2o.redemption import queries, rules
from o2o.redemption.answer import WORDS
from o2o.redemption.models import REASONS
from tests.factories import make_pass, make_shop
from tests.redemption.counter import FIVE, NOON, Counter


def test_every_reason_has_words() -> None:
    assert {key.partition(":")[0] for key in WORDS} == set(REASONS)


def test_the_short_code_redeems_however_it_is_typed(session: Session) -> None:
    till = Counter(session)
    typed = passes.short_groups(till.pass_).lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert till.redeem(text=f" {typed}\n").reason == "ok"


def test_a_second_scan_says_when_and_by_whom(session: Session) -> None:
    till = Counter(session)
    first = till.redeem()
    again = till.redeem("nonce-02", now=NOON + timedelta(minutes=2))
    assert (again.reason, again.at, again.by) == ("already_used_here", NOON, till.staff)
    assert again.redemption_id == first.redemption_id
    name = queries.staff_name(session, shop_id=till.shop.id, account_id=again.by)
    assert name == "阿明"


@pytest.mark.parametrize(
    "text", ["", "hello", "1" * 100, "９" * 234, "ABCD-EFGH-JKMU", "https://o2o.example/c/1"]
)
def test_what_is_no_code_is_refused_as_format(session: Session, text: str) -> None:
    till = Counter(session)
    assert till.redeem(text=text).reason == "format"


def test_a_flipped_bit_breaks_the_signature(session: Session) -> None:
    till = Counter(session)
    digits = passes.digits(till.pass_)
    assert till.redeem(text=str(int(digits) ^ 1)).reason == "signature"


def test_a_code_signed_by_a_lost_key_is_amber(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    till = Counter(session)
    monkeypatch.setattr("o2o.issuer.queries.verifying_keys", lambda session: {})
    answer = till.redeem()
    assert (answer.reason, answer.words.kind) == ("unknown_key", "wait")


def test_another_shop_is_told_the_right_one(session: Session) -> None:
    till = Counter(session)
    other = make_shop(session, "老城面馆")
    answer = rules.look(
        session, shop_id=other.id, staff_id=till.staff, text=passes.digits(till.pass_), now=NOON
    )
    assert (answer.reason, answer.sight.shop_name) == ("wrong_shop", "小满咖啡")
    assert queries.last_scans(session, other.id)[0].title is None


def test_the_window_has_ten_minutes_at_both_ends(session: Session) -> None:
    till = Counter(session)
    pass_ = till.pass_
    minute, instant = timedelta(minutes=10), timedelta(milliseconds=1)
    for now, reason in (
        (pass_.not_before - minute - instant, "too_early"),
        (pass_.not_before - minute, "ok"),
        (pass_.expires + minute - instant, "ok"),
        (pass_.expires + minute, "expired"),
    ):
        seen = rules.look(
            session, shop_id=till.shop.id, staff_id=till.staff, text=passes.digits(pass_), now=now
        )
        assert seen.reason == reason, now


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (NOON, "ok"),
        (NOON + timedelta(hours=2), "wrong_time"),
        (NOON - timedelta(minutes=61), "wrong_time"),
        (NOON + timedelta(days=3), "wrong_time"),
    ],
)
def test_weekday_and_hours_of_the_terms(session: Session, now: datetime, reason: str) -> None:
    till = Counter(session, weekdays=0b0011111, from_minute=660, to_minute=840)
    till.pass_ = make_pass(session, till.terms, issued_at=NOON - timedelta(days=1))
    assert till.redeem(now=now).reason == reason


def test_a_refunded_pass_is_void(session: Session) -> None:
    till = Counter(session)
    pass_rules.begin_refund(session, pass_id=till.pass_.id, cause="guest")
    answer = till.redeem()
    assert (answer.reason, answer.variant) == ("revoked", "refund")


def test_an_older_generation_is_superseded(session: Session) -> None:
    till = Counter(session)
    till.pass_.gen = 1
    session.flush()
    assert till.redeem().reason == "superseded"


def test_not_enough_uses_is_amber_and_takes_none(session: Session) -> None:
    till = Counter(session, **FIVE)
    till.redeem(quantity=4)
    answer = till.redeem("nonce-02", quantity=2)
    assert (answer.reason, answer.uses_left, answer.words.kind) == ("not_enough_uses", 1, "wait")
    assert till.pass_.uses_left == 1


def test_a_pass_that_the_books_lack_is_refused(session: Session) -> None:
    till = Counter(session)
    digits = passes.digits(till.pass_)
    session.execute(delete(PassForm).where(PassForm.pass_id == till.pass_.id))
    session.delete(till.pass_)
    session.flush()
    answer = till.redeem(text=digits)
    assert (answer.reason, answer.variant) == ("revoked", "unknown")
