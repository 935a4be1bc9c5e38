"""I24 finds shops that are not held back as their sanctions say, and a worker that ends none."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.kernel import checks
from tests.sanctions.town import climb, open_street

NOW = datetime(2026, 6, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"sanction": None}, True),
        ({"sanction": "limited"}, True),
        ({"status": "delisted"}, True),
        ({"sanction": "suspended"}, False),
    ],
    ids=str,
)
def test_the_check_finds_a_shop_that_was_freed_by_hand(session: Session, values: dict, found: bool) -> None:
    street = open_street(session)
    climb(session, street, "suspend")
    for name, value in values.items():
        setattr(street.shop, name, value)
    session.flush()
    assert any(line.startswith("I24") for line in checks.broken(session)) == found


def test_the_check_finds_a_worker_that_sleeps(session: Session) -> None:
    street = open_street(session)
    climb(session, street, "limit", now=NOW)
    for minutes, found in ((0, False), (9, False), (11, True)):
        with travel(NOW + 30 * DAY + timedelta(minutes=minutes), tick=False):
            assert any(line.startswith("I24") for line in checks.broken(session)) == found
