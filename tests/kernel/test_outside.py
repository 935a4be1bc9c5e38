"""No transaction is open while somebody outside is called."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel.db import begin_write, db
from o2o.kernel.limits import LimitHit
from o2o.kernel.outside import StillInTransaction, outside, require_outside
from o2o.payments import rules as payments


def test_an_open_transaction_forbids_the_call(session: Session) -> None:
    with pytest.raises(StillInTransaction), outside(session):
        pass
    session.rollback()
    with outside(session):
        require_outside()


def test_a_transaction_opened_meanwhile_is_found(app: Flask) -> None:
    with pytest.raises(StillInTransaction), outside(db.session):
        db.session.scalars(select(LimitHit.bucket)).all()
    db.session.rollback()


def test_adapters_refuse_to_be_called_elsewhere(app: Flask) -> None:
    bank = payments.provider(app.config["O2O"])
    for call in (
        lambda: bank.create(key="k", amount=1, currency="CNY", return_url="/"),
        lambda: bank.state("ref"),
        lambda: bank.refund(ref="ref", key="k", amount=1),
    ):
        begin_write()
        with pytest.raises(StillInTransaction):
            call()
