"""A guest is made by two at once: whoever comes second looks again."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from o2o.guests import rules
from o2o.guests.models import Guest
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from tests.factories import make_account
from tests.guests.town import Pair, guest_of, make_pair, use


@pytest.fixture
def pair(app: Flask) -> Pair:
    """Give two shops."""
    assert app
    return make_pair()


def test_who_is_put_down_by_somebody_else_meanwhile_is_counted_anew(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look and our row another one comes, made by somebody who saw less than there is."""
    now, add = clock.now(), rules._add
    use(pair.here, at=now - timedelta(minutes=9))
    use(pair.here, at=now)
    known = guest_of(pair.here)
    assert known is not None
    first, last = known.first_at, known.last_at
    begin_write()
    db.session.execute(delete(Guest))

    def beaten(session: Session, rows: list[dict[str, object]]) -> int:
        assert add(session, [{**rows[0], "last_at": first}]) == 1
        return add(session, rows)

    monkeypatch.setattr(rules, "_add", beaten)
    guest = rules.reckon(db.session, shop_id=pair.here, account_id=make_account(db.session, "guest").id)
    assert guest is not None
    assert first < last
    assert (guest.first_at, guest.last_at) == (first, last)
    db.session.rollback()
