"""Many claims at once do what they do one by one: uses, numbers, scans, messages, facts, money."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.feed import rules as feed
from o2o.kernel import checks
from o2o.kernel.errors import NotAllowed
from o2o.kernel.journal import FRESH_FACTS, Delivery, Fact
from o2o.ledger.models import Posting
from o2o.ledger.queries import shop_book
from o2o.ledger.rules import post
from o2o.notifications.models import Message
from o2o.passes import rules as pass_rules
from o2o.passes.models import Pass
from o2o.redemption import rules
from o2o.redemption.models import Redemption, Scan
from tests.counting import counting
from tests.factories import make_pass
from tests.redemption.counter import FIVE, NOON, Counter, claim, make_till

HOUR = timedelta(hours=1)
Taken = list[rules.TakenClaim]
# Which pass, and how many uses of it: turns about, one for more than is left, and then what is left.
WISHES = [(0, 1), (1, 2), (0, 2), (2, 5), (0, 3), (3, 1), (0, 2), (0, 1), (1, 1)]
# The places of those for more than is left, and the numbers of the others.
SHORT = (4, 7)
NUMBERS = [1, 1, 2, 1, 1, 3, 2]


class Day(Counter):
    """A counter with a till and passes of five uses; staff have just looked at one of them."""

    def __init__(self, session: Session, passes: int = 4) -> None:
        super().__init__(session, **FIVE)
        self.till = make_till(session, self.shop)
        self.passes = [self.pass_, *(self.sell(number) for number in range(passes - 1))]
        rules.look(
            session,
            shop_id=self.shop.id,
            staff_id=self.staff,
            text=rules.Code(pass_id=self.passes[1].id),
            now=NOON - timedelta(minutes=3),
        )

    def sell(self, number: int) -> Pass:
        pass_ = make_pass(self.session, self.terms, f"guest{number}", issued_at=NOON - HOUR)
        names = {"key": f"opening:more:{number}", "kind": "opening", "subject": "test:1", "currency": "CNY"}
        legs = {"cash": pass_.paid, "voucher_liability": -pass_.paid}
        post(self.session, book=shop_book(self.shop.id), shop_id=self.shop.id, legs=legs, **names)
        return pass_

    def claims(self, wishes: list[tuple[int, int]] = WISHES) -> Taken:
        made = []
        for number, (place, quantity) in enumerate(wishes):
            named = {"claim_id": f"00000000-0000-4000-8000-{number:012d}", "quantity": quantity}
            at = NOON + timedelta(minutes=number)
            pass_ = self.passes[place]
            made.append(claim(pass_, self.till, self.staff, at=at, held=number == 3, **named))
        return made

    def take(self, taken: Taken) -> list[Redemption | None]:
        return rules.take_claims(self.session, taken=taken, now=NOON + HOUR)

    def told(self) -> dict[str, object]:
        """Return everything that claims leave behind, without its random names."""
        session, fresh = self.session, {"populate_existing": True}
        rows = session.scalars(select(Redemption).order_by(Redemption.at).execution_options(**fresh)).all()
        names = {row.id: row.nonce for row in rows}
        columns = (
            "nonce",
            "number",
            "quantity",
            "uses_left",
            "value",
            "held",
            "mode",
            "at",
            "made_at",
            "code",
        )
        passes = select(Pass).order_by(Pass.id).execution_options(**fresh)
        facts = session.scalars(select(Fact).where(Fact.name == "pass.redeemed").order_by(Fact.id)).all()
        moved = select(Posting).where(Posting.kind == "redeem").order_by(Posting.seq)
        scans = select(Scan).execution_options(**fresh)
        return {
            "rows": [tuple(getattr(row, name) for name in columns) for row in rows],
            "passes": [
                (row.state, row.uses_left, row.spent, row.changed_at) for row in session.scalars(passes)
            ],
            "scans": sorted(
                (row.at, row.reason, str(row.till_id), names.get(str(row.redemption_id)))
                for row in session.scalars(scans)
            ),
            "messages": sorted(
                (names[row.key.split(":")[1]], row.kind, row.account_id, sorted(row.values.items()))
                for row in session.scalars(select(Message))
            ),
            "facts": [(names[row.ids["redemption_id"]], row.ids["pass_id"]) for row in facts],
            "deliveries": len(session.scalars(select(Delivery)).all()),
            "to deliver": {row.id for row in facts} <= set(session.info[FRESH_FACTS]),
            "postings": [names[row.subject.split(":")[1]] for row in session.scalars(moved)],
            "book": self.book(),
            "noted": sorted(session.info[feed.NOTED]),
        }


def one_by_one(day: Day, taken: Taken) -> list[Redemption | None]:
    return [rules.take_claim(day.session, taken=one, now=NOON + HOUR) for one in taken]


def in_two(day: Day, taken: Taken) -> list[Redemption | None]:
    # The second time some are live already, and are returned as they are.
    return [*day.take(taken[:4])[:2], *day.take(taken[2:])]


def test_many_at_once_leave_what_one_by_one_leaves(session: Session) -> None:
    day = Day(session)
    taken = day.claims()
    found = []
    ways: tuple[Callable[[Day, Taken], list[Redemption | None]], ...] = (one_by_one, in_two, Day.take)
    for way in ways:
        point = session.begin_nested()
        done = way(day, taken)
        assert [row and row.claim_id for row in done] == [
            None if number in SHORT else one.claim_id for number, one in enumerate(taken)
        ]
        assert checks.broken(session) == []
        found.append(day.told())
        point.rollback()
        session.expire_all()
    assert found[0] == found[1] == found[2]
    assert [row[1] for row in found[0]["rows"]] == NUMBERS


def test_what_was_undone_is_taken_again_under_a_second_number(session: Session) -> None:
    day = Day(session)
    taken = day.claims([(0, 1), (1, 1), (2, 1)])
    day.take(taken)
    rules.lose_claim(session, claim_id=taken[1].claim_id, why="conflict:presented_twice", now=NOON + HOUR)
    rows = day.take(taken)
    assert [row and row.nonce for row in rows] == [
        taken[0].claim_id,
        f"{taken[1].claim_id}#2",
        taken[2].claim_id,
    ]
    assert [row and row.number for row in rows] == [1, 2, 1]
    assert checks.broken(session) == []


def test_a_pass_that_is_not_there_stops_all(session: Session) -> None:
    day = Day(session)
    taken = day.claims([(0, 1), (1, 1)])
    with pytest.raises(NotAllowed):
        day.take([taken[0], taken[1]._replace(pass_id="0" * 16)])
    assert day.take([]) == []
    assert session.scalars(select(Redemption)).all() == []


def test_a_pass_that_changed_since_it_was_seen_is_not_taken(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = Day(session)
    seen = pass_rules.get_all_locked(session, pass_ids=[day.pass_.id])
    pass_rules.spend(session, pass_id=day.pass_.id, quantity=4, now=NOON)
    for row in seen.values():
        session.expunge(row)
        row.uses_left, row.spent = 5, 0
    monkeypatch.setattr(pass_rules, "get_all_locked", lambda session, pass_ids: seen)
    with pytest.raises(RuntimeError, match="changed under their locks"):
        pass_rules.take_all(session, wanted=[(day.pass_.id, 2)], now=NOON)


def test_statements_do_not_grow_with_the_claims(session: Session) -> None:
    day = Day(session, passes=40)

    def cost(taken: Taken) -> int:
        with counting() as statements:
            day.take(taken)
        # Some databases give numbers to new rows one by one.
        return len(
            [one for one in statements if not one.startswith(("INSERT INTO fact", "INSERT INTO posting"))]
        )

    claims = day.claims([(place, 1) for place in range(40)])
    cost(claims[:1])
    assert cost(claims[1:3]) >= cost(claims[3:])
