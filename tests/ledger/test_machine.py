"""Random sales, redemptions, annulments and refunds; the books hold after each step."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from o2o.kernel import checks
from o2o.kernel.errors import RuleBroken
from o2o.ledger import queries, rules
from o2o.ledger.models import ACCOUNTS

BOOKS = ("shop:1", "shop:2", "platform")
accounts = st.sampled_from(sorted(ACCOUNTS))


class Books(RuleBasedStateMachine):
    """Post and post again; a plain dict remembers what the balances should be."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        self.session.rollback()
        self.session.connection(execution_options={"o2o_writing": True})
        self.posted: dict[str, tuple[str, dict[str, int]]] = {}

    def teardown(self) -> None:
        self.session.rollback()

    @rule(
        key=st.sampled_from("abcdefghijkl"),
        book=st.sampled_from(BOOKS),
        pair=st.tuples(accounts, accounts).filter(lambda pair: pair[0] != pair[1]),
        amount=st.integers(1, 10**12),
    )
    def post(self, key: str, book: str, pair: tuple[str, str], amount: int) -> None:
        legs = {pair[0]: amount, pair[1]: -amount}
        try:
            self.send(key, book, legs)
        except RuleBroken:
            assert self.posted[key] != (book, legs)
        else:
            assert self.posted.setdefault(key, (book, legs)) == (book, legs)

    @rule(key=st.sampled_from("abcdefghijkl"))
    def repeat(self, key: str) -> None:
        if key in self.posted:
            self.send(key, *self.posted[key])

    def send(self, key: str, book: str, legs: dict[str, int]) -> None:
        names = {"book": book, "shop_id": None, "key": key, "kind": "test", "subject": "x"}
        rules.post(self.session, **names, currency="CNY", legs=legs)

    @invariant()
    def the_books_hold(self) -> None:
        assert checks.broken(self.session) == []
        for book in BOOKS:
            expected: dict[tuple[str, str], int] = {}
            for at, legs in self.posted.values():
                for account, amount in legs.items() if at == book else ():
                    expected[account, "CNY"] = expected.get((account, "CNY"), 0) + amount
            assert queries.balances(self.session, book) == expected


@pytest.mark.sqlite_only("the arithmetic is the same; the race runs on both")
def test_any_sequence_keeps_the_books_true(session: Session) -> None:
    machine = type("Machine", (Books,), {"session": session})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
