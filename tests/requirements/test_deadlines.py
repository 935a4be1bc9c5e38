"""Owners hear of every end before it comes, once; a large change is finished by the worker."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.notifications.models import Message
from o2o.requirements import chores
from o2o.requirements import rules as requirements
from tests.onboarding.town import told
from tests.papers.town import START, admitted, publish


@pytest.fixture
def traveller() -> time_machine.Traveller:  # type: ignore[misc]
    with time_machine.travel(START, tick=False) as found:
        yield found


def test_owners_hear_thirty_seven_and_one_day_before_and_at_the_end_once_each(
    session: Session, traveller: time_machine.Traveller
) -> None:
    _claim, shop = admitted(session, date(2026, 8, 31))
    end = datetime(2026, 8, 31, 16, tzinfo=UTC)
    session.commit()
    heard = []
    for days in (40, 31, 30, 29, 8, 7, 2, 1, 0, -1):
        traveller.move_to(end - timedelta(days=days))
        for _ in range(2):
            chores.warn(session)
        begin_write(session)
        heard.append([kind for kind in told(session, "wang") if kind.startswith("papers.")])
        session.rollback()
    soon = "papers.soon"
    assert [len(kinds) for kinds in heard] == [0, 0, 1, 1, 1, 2, 2, 3, 4, 4]
    assert heard[-1] == [soon, soon, soon, "papers.over"]
    message = session.scalars(select(Message).where(Message.kind == soon)).first()
    assert message is not None
    assert (message.values["day"], message.link) == ("2026-08-31", f"/console/{shop.id}/admission")
    session.rollback()


def test_new_terms_are_told_at_once(session: Session, traveller: time_machine.Traveller) -> None:
    admitted(session, date(2030, 1, 1))
    publish(session, 60)
    session.commit()
    chores.warn(session)
    begin_write(session)
    assert told(session, "wang")[-1] == "papers.asked"


def test_a_change_too_large_for_one_go_is_finished_by_the_worker(
    session: Session, traveller: time_machine.Traveller
) -> None:
    shops = [admitted(session, date(2030, 1, 1))[1] for _ in range(1)]
    due = START + timedelta(days=5)
    requirements.add_requirement(
        session, kind="attested", title_zh="新", title_en="new", due_at=due, now=clock.now(), weigh=0
    )
    assert [shop.sells_until == due for shop in shops] == [False]
    session.commit()
    assert (chores.weigh(session), chores.weigh(session)) == (1, 0)
    session.rollback()
    assert [shop.sells_until == due for shop in shops] == [True]
