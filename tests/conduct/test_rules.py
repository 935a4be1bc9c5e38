"""The written rules and the ladder lead somewhere, the counts are of rows, and the page says both."""

from itertools import combinations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from o2o.conduct import queries
from o2o.conduct import rules as conduct
from o2o.conduct.models import STEPS
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.sanctions import rules
from tests.factories import make_shop
from tests.sanctions.town import appealed, climb, impose, open_street


@pytest.mark.parametrize("more", STEPS)
def test_one_more_step_never_frees_a_shop(more: str) -> None:
    rank = {None: 0, "limited": 1, "suspended": 2}
    for steps in (set(some) for size in range(5) for some in combinations(STEPS, size)):
        before, after = conduct.effect(steps), conduct.effect({*steps, more})
        assert rank[after[0]] >= rank[before[0]]
        assert after[1] >= before[1]


def test_the_written_rules_lead_somewhere() -> None:
    assert [rule.key for rule in conduct.RULES] == [f"R{number}" for number in range(1, 9)]
    for rule in conduct.RULES:
        assert set(rule.steps) <= set(STEPS)
        assert rule.grave or rule.steps[0] == "warn"
        first = rule.steps[0]
        assert conduct.below(rule, first) is None
        assert conduct.rule_of(rule.key) is rule
    assert [step.key for step in conduct.LADDER] == list(STEPS)
    with pytest.raises(LookupError):
        conduct.step_of("fine")


def test_counts_are_counts_of_rows(session: Session) -> None:
    street = open_street(session)
    assert [tuple(row) for row in queries.counts(session)] == [(step, 0, 0, 0) for step in STEPS]
    row = climb(session, street, "suspend")
    appealed(session, street, row)
    rules.decide(
        session,
        sanction_id=row.id,
        by=street.second,
        uphold=False,
        now=clock.now(),
        words="The bill shows it.",
    )
    impose(session, street, "suspend", evidence="Again")
    found = {row.step: tuple(row)[1:] for row in queries.counts(session)}
    assert found == {"warn": (1, 1, 0), "limit": (1, 1, 0), "suspend": (1, 2, 1), "delist": (0, 0, 0)}


def test_the_public_page_reads_the_rows_of_the_program(client: FlaskClient) -> None:
    begin_write()
    make_shop(db.session)
    db.session.commit()
    page = client.get("/about/conduct", headers={"Accept-Language": "en"}).get_data(as_text=True)
    for number in range(1, 9):
        assert f'id="R{number}"' in page
    for words in ("Warning → Limit → Suspension", "grave: a suspension may come first", "within 14 days"):
        assert words in page, words
