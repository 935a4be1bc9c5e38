"""What claims do to a pass, to money and to its holder: taken, lost, taken again, held, decided."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import checks
from o2o.kernel.db import begin_write
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from o2o.notifications.models import Message
from o2o.passes import rules as pass_rules
from o2o.redemption import queries, rules
from o2o.redemption.models import Redemption, Scan
from tests.factories import make_pass, make_shop, make_terms
from tests.redemption.counter import FIVE, NOON, Counter, claim, hears, make_till

HOUR = timedelta(hours=1)
WHY = "conflict:presented_twice"


class Desk(Counter):
    """A counter with a till of its own, and the server an hour later."""

    def __init__(self, session: Session, **terms: object) -> None:
        super().__init__(session, **terms)
        self.till = make_till(session, self.shop)

    def take(self, taken: rules.TakenClaim) -> Redemption | None:
        return rules.take_claim(self.session, taken=taken, now=NOON + HOUR)

    def lose(self, taken: rules.TakenClaim, why: str = WHY) -> None:
        rules.lose_claim(self.session, claim_id=taken.claim_id, why=why, now=NOON + 2 * HOUR)

    def claim(self, **more: object) -> rules.TakenClaim:
        return claim(self.pass_, self.till, self.staff, **more)


def test_a_claim_moves_use_money_message_and_fact(session: Session) -> None:
    desk = Desk(session)
    taken = desk.claim(step=59349600, code="1" * 475)
    row = desk.take(taken)
    assert (row.mode, row.at, row.made_at) == ("offline", NOON, NOON + HOUR)
    assert (row.till_id, row.claim_id, row.nonce, row.step) == (
        desk.till.id,
        taken.claim_id,
        taken.claim_id,
        59349600,
    )
    session.refresh(desk.pass_)
    assert (desk.pass_.state, desk.pass_.uses_left) == ("used", 0)
    assert desk.book() == {"cash": 3800, "shop_pending": -3800}
    message = session.scalars(select(Message)).one()
    assert (message.kind, message.values["till"]) == ("pass.redeemed_at_till", "till 2")
    assert message.values["when"].endswith("12:00")
    assert session.scalars(select(Fact.name).where(Fact.name == "pass.redeemed")).one()
    scan = session.scalars(select(Scan)).one()
    assert (scan.till_id, scan.redemption_id, scan.at) == (desk.till.id, row.id, NOON)
    assert checks.broken(session) == []


def test_the_same_claim_takes_once(session: Session) -> None:
    desk = Desk(session, **FIVE)
    taken = desk.claim()
    assert len({desk.take(taken).id for _ in range(3)}) == 1
    session.refresh(desk.pass_)
    assert desk.pass_.uses_left == 4


def test_a_claim_for_more_than_is_left_takes_nothing(session: Session) -> None:
    desk = Desk(session, **FIVE)
    desk.redeem(quantity=4)
    assert desk.take(desk.claim(quantity=2)) is None
    assert desk.take(desk.claim()) is not None
    assert desk.take(desk.claim()) is None
    assert checks.broken(session) == []


def test_a_claim_may_lose_and_win_again(session: Session) -> None:
    desk = Desk(session, **FIVE)
    taken = desk.claim(quantity=2)
    rows = []
    for _ in range(3):
        rows.append(desk.take(taken))
        assert desk.book() == {"cash": 7601, "voucher_liability": -4560, "shop_pending": -3041}
        for _ in range(2):
            desk.lose(taken)
        assert desk.book() == {"cash": 7601, "voucher_liability": -7601}
    assert [row.nonce for row in rows] == [taken.claim_id, f"{taken.claim_id}#2", f"{taken.claim_id}#3"]
    session.refresh(rows[0])
    assert (rows[0].annul_reason, rows[0].annulled_by, rows[0].annulled_at) == (WHY, None, NOON + 2 * HOUR)
    kinds = session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert kinds == ["pass.redeemed_at_till", "pass.annulled"] * 3
    assert checks.broken(session) == []


def test_what_was_never_taken_cannot_be_lost(session: Session) -> None:
    desk = Desk(session)
    desk.lose(desk.claim())
    assert desk.pass_.uses_left == 1


def test_a_claim_behind_the_expiry_and_the_refund(session: Session) -> None:
    desk = Desk(session, **FIVE)
    pass_rules.begin_refund(session, pass_id=desk.pass_.id, cause="guest")
    taken = desk.claim(quantity=2)
    assert desk.take(taken).uses_left == 3
    session.refresh(desk.pass_)
    assert (desk.pass_.state, desk.pass_.spent) == ("refunding", 3041)
    desk.lose(taken)
    session.refresh(desk.pass_)
    assert (desk.pass_.state, desk.pass_.spent) == ("refunding", 0)
    pass_rules.finish_refund(session, pass_id=desk.pass_.id)
    assert desk.take(taken) is None


def test_what_a_till_took_the_counter_does_not_undo(session: Session) -> None:
    desk = Desk(session)
    row = desk.take(desk.claim(at=NOON + HOUR))
    assert not rules.can_undo(row, NOON + HOUR)
    with pytest.raises(RuleBroken, match="at_its_till"):
        desk.annul(row.id, NOON + HOUR)


def test_what_is_final_is_not_lost(session: Session) -> None:
    desk = Desk(session)
    taken = desk.claim()
    row = desk.take(taken)
    row.final_at = NOON + HOUR
    session.flush()
    with pytest.raises(RuleBroken, match="final"):
        desk.lose(taken)


@pytest.mark.parametrize("pay", [True, False])
def test_what_is_held_waits_for_a_decision(session: Session, pay: bool) -> None:
    desk = Desk(session)
    row = desk.take(desk.claim(held=True))
    late = NOON + timedelta(days=30)
    assert rules.finalise_due(session, now=late) == 0
    for _ in range(2):
        rules.settle_held(session, redemption_id=row.id, pay=pay, by=desk.staff, now=late)
    session.refresh(row)
    assert row.held is False
    if pay:
        assert rules.finalise_due(session, now=late) == 1
        assert desk.book() == {"cash": 3800, "shop_payable": -3800}
    else:
        assert (row.annul_reason, row.annulled_by) == ("conflict:stale_proof", desk.staff)
        assert desk.book() == {"cash": 3800, "voucher_liability": -3800}
    assert checks.broken(session) == []
    with pytest.raises(NotAllowed):
        rules.settle_held(session, redemption_id="f" * 16, pay=pay, by=desk.staff, now=late)


def test_final_is_what_every_till_has_heard(session: Session) -> None:
    desk = Desk(session, **FIVE)
    other = make_till(session, desk.shop, "till 3")
    first = str(desk.redeem().redemption_id)
    over = NOON + rules.UNDO

    def run(minutes: int) -> int:
        final = rules.finalise_due(session, now=over + timedelta(minutes=minutes))
        session.commit()
        begin_write(session)
        return final

    assert [run(0), run(1)] == [0, 0]
    hears(session, desk.till)
    assert run(2) == 0
    desk.redeem("nonce-02", now=over)
    hears(session, other)
    # The second is not over yet, the first was heard by both.
    assert run(3) == 1
    assert queries.one(session, first).final_at == over + timedelta(minutes=3)
    assert desk.book()["shop_payable"] == -1521
    assert run(30) == 0
    hears(session, desk.till)
    hears(session, other)
    assert run(31) == 1
    assert checks.broken(session) == []


def test_all_of_a_run_share_one_mark(session: Session) -> None:
    desk = Desk(session, **FIVE)
    for number in range(3):
        desk.redeem(f"nonce-{number:02d}")
    rules.finalise_due(session, now=NOON + rules.UNDO)
    assert len(set(session.scalars(select(Redemption.mark)))) == 1


def test_three_days_are_enough_and_a_revoked_till_holds_nothing_up(session: Session) -> None:
    desk = Desk(session, **FIVE)
    desk.take(desk.claim())
    mute = NOON + HOUR + rules.LATEST
    assert rules.finalise_due(session, now=mute - timedelta(seconds=1)) == 0
    assert rules.finalise_due(session, now=mute) == 1
    desk.redeem("nonce-02", now=NOON)
    assert rules.finalise_due(session, now=NOON + HOUR) == 0
    desk.till.state, desk.till.revoked_at = "revoked", NOON
    session.flush()
    assert rules.finalise_due(session, now=NOON + HOUR) == 1


def test_shops_do_not_wait_for_each_others_tills(session: Session) -> None:
    mute = Desk(session)
    mute.redeem()
    shop = make_shop(session, "老城面馆")
    free = make_pass(session, make_terms(session, shop, price=0), issued_at=NOON - HOUR)
    given = {"shop_id": shop.id, "staff_id": mute.staff, "quantity": 1, "nonce": "nonce-09", "now": NOON}
    assert rules.redeem(session, pass_id=free.id, **given).is_ok
    assert rules.finalise_due(session, now=NOON + rules.UNDO) == 1


def test_many_that_wait_do_not_keep_others_waiting(session: Session) -> None:
    desk = Desk(session, **FIVE)
    for number in range(4):
        desk.redeem(f"nonce-{number:02d}")
    over = NOON + rules.UNDO
    assert rules.finalise_due(session, now=over, most=2) == 0
    session.commit()
    begin_write(session)
    hears(session, desk.till)
    # Two more are marked in this run; the two of before are final.
    assert rules.finalise_due(session, now=over, most=2) == 2
