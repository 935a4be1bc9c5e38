"""What may be noted of an act, and that no act is ever changed, on both databases."""

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from o2o.acts import hook, rules
from o2o.acts.models import Act
from o2o.kernel import clock, deeds
from o2o.kernel.db import begin_write


@pytest.mark.parametrize(
    "detail",
    [
        {"name": "x"},
        {"reason": "late"},
        {"state": "很好"},
        {"state": "x" * 65},
        {"ids": [1]},
        {"at": clock.now()},
    ],
    ids=["name", "reason", "words", "long", "list", "object"],
)
def test_people_and_their_words_never_land_there(session: Session, detail: dict) -> None:
    with pytest.raises(ValueError, match="an act"):
        deeds.note(session, **detail)
    with pytest.raises(ValueError, match="an act"):
        rules.record(session, verb="restore", **detail)


def test_a_record_needs_words(session: Session) -> None:
    with pytest.raises(ValueError, match="no words"):
        rules.record(session, verb="unheard-of")


@pytest.mark.parametrize("change", ["update", "delete"])
def test_nobody_changes_an_act(session: Session, change: str) -> None:
    session.add(hook.act(account_id=None, role="shell", shop_id=None, verb="restore", subject={}, detail={}))
    session.commit()
    begin_write(session)
    statement = update(Act).values(verb="x") if change == "update" else delete(Act)
    with pytest.raises(DBAPIError, match="never changes"):
        session.execute(statement)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Act)) == 1
    assert session.scalar(text("SELECT verb FROM act")) == "restore"
