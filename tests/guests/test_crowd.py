"""A shop with 20,000 guests: the oldest one is found by name, by one statement, and soon."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.guests import queries
from o2o.guests.models import Guest
from o2o.kernel import clock
from tests.counting import counting
from tests.factories import make_shop

CROWD = 20_000
BATCH = 1_000
FIRST = 1_000_000


def batches(row: Any) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, CROWD, BATCH):
        yield [row(number) for number in range(start, start + BATCH)]


@pytest.fixture
def shop_id(session: Session) -> int:
    """Give a shop with the crowd: the smaller the number, the longer ago."""
    shop, now = make_shop(session), clock.now()
    for rows in batches(lambda n: {"id": FIRST + n, "opaque": f"{n:016x}", "created_at": now}):
        session.execute(insert(Account), rows)
    for rows in batches(
        lambda n: {
            "shop_id": shop.id,
            "account_id": FIRST + n,
            "key": f"{n:016x}",
            "first_at": now - timedelta(minutes=CROWD - n),
            "last_at": now - timedelta(minutes=CROWD - n),
            "contact": "",
        }
    ):
        session.execute(insert(Guest), rows)
    return shop.id


def test_whoever_came_is_found_however_long_ago(
    app: Flask, session: Session, shop_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = FIRST
    alias = queries.shops.guest_alias(last, shop_id, "en")
    with counting() as statements:
        started = time.process_time()
        called, is_cut = queries.called(session, shop_id, alias.lower(), locale="en")
        spent = time.process_time() - started
    assert len(statements) == 1
    assert spent < 3, "generous: a slow machine takes a third of it"
    assert not is_cut
    found, _more = queries.of_shop(session, shop_id, among=called)
    assert last in {met.guest.account_id for met in found}
    # 36,000 names for 20,000 guests: a few share one, and nobody else is listed.
    assert len(found) < 10
    assert {queries.shops.guest_alias(met.guest.account_id, shop_id, "en") for met in found} == {alias}
    # A name without its number is every guest of that name.
    noun = alias.split()[0]
    same = [
        n for n in range(CROWD) if queries.shops.guest_alias(FIRST + n, shop_id, "en").startswith(f"{noun} ")
    ]
    assert len(queries.called(session, shop_id, noun, locale="en")[0]) == len(same)
    # What fits nearly everybody is cut, the latest stay, and the reading stops there.
    named: list[int] = []
    alias_of = queries.shops.guest_alias
    monkeypatch.setattr(
        queries.shops, "guest_alias", lambda *given: named.append(given[0]) or alias_of(*given)
    )
    many, is_cut = queries.called(session, shop_id, "1", locale="en")
    assert (len(many), is_cut) == (queries.MOST_CALLED, True)
    assert len(named) < CROWD / 2
    assert queries.of_shop(session, shop_id, among=many)[0][0].guest.account_id > FIRST + CROWD - 20
