"""The till's order of checks, its receipts, its undo and its money."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.kernel import checks
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from o2o.ledger.queries import balances, shop_book
from o2o.ledger.rules import post
from o2o.notifications.models import Message
from o2o.offers.rules import Part
from o2o.passes import queries as passes
from o2o.passes import rules as pass_rules
from o2o.passes.models import Pass
from o2o.redemption import queries, rules
from o2o.redemption.answer import WORDS, Answer
from o2o.redemption.models import REASONS, Redemption, Scan
from o2o.shops.models import Shop
from tests.factories import make_pass, make_role, make_shop, make_terms

NOON = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in the town
FIVE = {"uses": 5, "contents": (Part("美式咖啡", 5, 2000),), "price": 7601}


class Counter:
    """A shop with a member of staff and a pass bought an hour ago."""

    def __init__(self, session: Session, **terms: object) -> None:
        self.session = session
        self.shop: Shop = make_shop(session)
        self.staff = make_role(session, self.shop, "staff", name="阿明").account_id
        self.terms = make_terms(session, self.shop, **terms)
        self.pass_: Pass = make_pass(session, self.terms, issued_at=NOON - timedelta(hours=1))
        if self.pass_.paid:
            self.post({"cash": self.pass_.paid, "voucher_liability": -self.pass_.paid})

    def post(self, legs: dict[str, int]) -> None:
        book = shop_book(self.shop.id)
        names = {"key": "opening:1", "kind": "opening", "subject": "test:1", "currency": "CNY"}
        post(self.session, book=book, shop_id=self.shop.id, legs=legs, **names)

    def redeem(
        self, nonce: str = "nonce-01", quantity: int = 1, now: datetime = NOON, **code: object
    ) -> Answer:
        given = code or {"text": passes.digits(self.pass_)}
        return rules.redeem(
            self.session,
            shop_id=self.shop.id,
            staff_id=self.staff,
            quantity=quantity,
            nonce=nonce,
            now=now,
            **given,
        )

    def annul(self, redemption_id: str | None, now: datetime = NOON, reason: str = "mistake") -> Redemption:
        return rules.annul(
            self.session,
            shop_id=self.shop.id,
            redemption_id=str(redemption_id),
            staff_id=self.staff,
            reason=reason,
            now=now,
        )

    def book(self) -> dict[str, int]:
        found = balances(self.session, shop_book(self.shop.id))
        return {account: amount for (account, _), amount in found.items() if amount}


def test_every_reason_has_words() -> None:
    assert {key.partition(":")[0] for key in WORDS} == set(REASONS)


def test_a_redemption_moves_use_money_message_and_fact(session: Session) -> None:
    till = Counter(session)
    answer = till.redeem()
    assert (answer.reason, answer.uses_left, answer.sight.title) == ("ok", 0, "双人手冲咖啡")
    assert till.pass_.state == "used"
    assert till.book() == {"cash": 3800, "shop_pending": -3800}
    message = session.scalars(select(Message)).one()
    assert (message.kind, message.account_id) == ("pass.redeemed", till.pass_.account_id)
    fact = session.scalars(select(Fact).where(Fact.name == "pass.redeemed")).one()
    expected = {"pass_id": till.pass_.id, "redemption_id": answer.redemption_id, "shop_id": till.shop.id}
    assert fact.ids == expected
    assert checks.broken(session) == []


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


def test_the_same_nonce_is_the_same_receipt(session: Session) -> None:
    till = Counter(session, **FIVE)
    first = till.redeem(quantity=2)
    till.redeem("nonce-02")
    repeated = till.redeem(quantity=2, now=NOON + timedelta(minutes=9))
    assert repeated.receipt() == first.receipt()
    assert till.pass_.uses_left == 2
    with pytest.raises(RuleBroken, match="key_reused"):
        till.redeem(quantity=1)
    with pytest.raises(RuleBroken, match="key_reused"):
        till.redeem(quantity=2, text="not a code")


def test_a_nonce_whose_redemption_was_undone_is_not_green(session: Session) -> None:
    till = Counter(session)
    till.annul(till.redeem().redemption_id)
    assert till.redeem().reason == "annulled"
    assert till.redeem("nonce-02").reason == "ok"


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
    monkeypatch.setattr("o2o.passes.ring.verifying_keys", lambda session: {})
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
    session.delete(till.pass_)
    session.flush()
    answer = till.redeem(text=digits)
    assert (answer.reason, answer.variant) == ("revoked", "unknown")


def test_undo_gives_use_and_money_back_once(session: Session) -> None:
    till = Counter(session)
    answer = till.redeem()
    for _ in range(2):
        row = till.annul(answer.redemption_id, NOON + timedelta(minutes=14, seconds=59))
    assert (row.annul_reason, row.annulled_by) == ("mistake", till.staff)
    session.refresh(till.pass_)
    assert (till.pass_.state, till.pass_.uses_left, till.pass_.spent) == ("valid", 1, 0)
    assert till.book() == {"cash": 3800, "voucher_liability": -3800}
    kinds = session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert kinds == ["pass.redeemed", "pass.annulled"]
    assert checks.broken(session) == []


def test_undo_is_bound_to_time_reason_and_shop(session: Session) -> None:
    till = Counter(session)
    answer = till.redeem()
    with pytest.raises(BadInput, match="no_reason"):
        till.annul(answer.redemption_id, reason="  ")
    with pytest.raises(RuleBroken, match="too_late"):
        till.annul(answer.redemption_id, NOON + timedelta(minutes=15))
    till.shop = make_shop(session, "老城面馆")
    with pytest.raises(NotAllowed):
        till.annul(answer.redemption_id)


def test_after_fifteen_minutes_the_money_is_the_shops(session: Session) -> None:
    till = Counter(session, **FIVE)
    answer = till.redeem(quantity=2)
    undone = till.redeem("nonce-02")
    till.annul(undone.redemption_id)
    assert rules.finalise_due(session, now=NOON + timedelta(minutes=14)) == 0
    assert rules.finalise_due(session, now=NOON + timedelta(minutes=15)) == 1
    assert rules.finalise_due(session, now=NOON + timedelta(minutes=16)) == 0
    assert till.book() == {"cash": 7601, "voucher_liability": -4560, "shop_payable": -3041}
    with pytest.raises(RuleBroken, match="too_late"):
        till.annul(answer.redemption_id, NOON + timedelta(minutes=1))
    assert checks.broken(session) == []


def test_a_free_coupon_moves_no_money(session: Session) -> None:
    till = Counter(session, price=0)
    assert till.redeem().reason == "ok"
    assert rules.finalise_due(session, now=NOON + timedelta(minutes=15)) == 1
    assert till.book() == {}


def test_every_scan_is_logged_and_a_look_becomes_its_redemption(session: Session) -> None:
    till = Counter(session)
    digits = passes.digits(till.pass_)
    rules.look(session, shop_id=till.shop.id, staff_id=till.staff, text="nonsense", now=NOON)
    rules.look(session, shop_id=till.shop.id, staff_id=till.staff, text=digits, now=NOON)
    answer = till.redeem(now=NOON + timedelta(seconds=5))
    till.redeem("nonce-02", now=NOON + timedelta(seconds=9))
    lines = queries.last_scans(session, till.shop.id)
    assert [(line.scan.reason, line.title is not None) for line in lines] == [
        ("already_used_here", True),
        ("ok", True),
        ("format", False),
    ]
    assert lines[1].redemption.id == answer.redemption_id
    assert session.scalar(select(func.count()).select_from(Scan)) == 3


def test_today_is_the_towns_day(session: Session) -> None:
    till = Counter(session, **FIVE)
    midnight = datetime(2026, 6, 3, 16, 0, tzinfo=UTC)
    till.redeem("nonce-01", now=midnight - timedelta(seconds=1))
    till.redeem("nonce-02", now=midnight)
    day = queries.today(session, till.shop.id, "Asia/Shanghai", midnight - timedelta(hours=1))
    assert [(row.redemption.nonce, row.title, row.staff) for row in day] == [
        ("nonce-01", "双人手冲咖啡", "阿明")
    ]


def test_i6_names_a_pass_whose_uses_do_not_add_up(session: Session) -> None:
    till = Counter(session)
    till.redeem()
    till.pass_.uses_left, till.pass_.state = 1, "valid"
    session.flush()
    assert [line for line in checks.broken(session) if line.startswith("I6")] == [
        f"I6 a pass's live redemptions are the uses and the value it lacks: pass {till.pass_.id}: "
        "1 of 1 redeemed for 3800, the pass says 0 for 3800"
    ]
    session.rollback()


@pytest.mark.parametrize(
    ("quantity", "nonce"), [(0, "nonce-01"), (21, "nonce-01"), (1, "short"), (1, "n" * 65)]
)
def test_a_damaged_form_is_refused(session: Session, quantity: int, nonce: str) -> None:
    till = Counter(session)
    with pytest.raises(BadInput):
        till.redeem(nonce, quantity)
