"""The till's receipts, its undo and its money."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.kernel import checks
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from o2o.notifications.models import Message
from o2o.passes import queries as passes
from o2o.redemption import queries, rules
from o2o.redemption.models import Scan
from tests.factories import make_shop
from tests.redemption.counter import FIVE, NOON, Counter


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


@pytest.mark.parametrize(("quantity", "nonce"), [(0, "nonce-01"), (21, "nonce-01"), (1, ""), (1, "n" * 65)])
def test_a_damaged_form_is_refused(session: Session, quantity: int, nonce: str) -> None:
    till = Counter(session)
    with pytest.raises(BadInput):
        till.redeem(nonce, quantity)
