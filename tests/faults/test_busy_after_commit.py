"""F7, F8: the database goes away just after a commit, or under the worker: the yes stands, and the worker lives."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from o2o.kernel import checks, journal, worker
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Busy
from o2o.kernel.journal import Delivery
from o2o.passes.queries import digits
from o2o.redemption.models import Redemption
from tests.factories import make_pass, make_role, make_shop, make_terms
from tests.orders.buying import count
from tests.visitor import Visitor

LOST = (Busy(), OperationalError("SELECT 1", {}, Exception("server closed the connection")))


def pending() -> int:
    waits = select(func.count()).select_from(Delivery).where(Delivery.state == "pending")
    found = db.session.scalar(waits) or 0
    db.session.rollback()
    return found


@pytest.mark.parametrize("lost", LOST, ids=["busy", "lost"])
def test_what_is_committed_is_answered_and_its_facts_wait(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch, lost: Exception
) -> None:
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "staff")
    code, shop_id = digits(make_pass(db.session, make_terms(db.session, shop, price=0))), shop.id
    db.session.commit()
    client.sign_in("staff")
    worker.run_due(db.session, everything=True)
    db.session.rollback()
    assert pending() == 0

    def gone(session: Session) -> None:
        raise lost

    monkeypatch.setattr(journal, "begin_write", gone)
    form = {"shop": shop_id, "code": code, "quantity": 1, "nonce": "nonce-01"}
    assert client.post("/till/redemptions", data=form).status_code == 303
    assert (count(Redemption), pending() > 0) == (1, True)
    # The worker meets the same fault, and goes on.
    assert worker.run_due(db.session, everything=True)["facts"] == 0
    monkeypatch.undo()
    assert worker.run_due(db.session, everything=True)["facts"] > 0
    assert pending() == 0
    assert checks.broken(db.session) == []
