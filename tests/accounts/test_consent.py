"""Consent: none by default, dated, withdrawn as easily as given, obeyed by the inbox; and what we know of a person."""

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from o2o.accounts import queries, registry, rules
from o2o.accounts.consent import PURPOSES
from o2o.accounts.known import KNOWN
from o2o.accounts.models import Consent
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput
from o2o.notifications import rules as inbox
from o2o.notifications import sentences
from o2o.notifications.models import Message
from tests import factories
from tests.accounts.doors import statements
from tests.racers import race

FIRST = datetime(2026, 11, 22, 9, tzinfo=UTC)


def all_of(session: Session) -> list[tuple[str, bool]]:
    rows = session.scalars(select(Consent).order_by(Consent.id))
    return [(row.purpose, row.withdrawn_at is None) for row in rows]


def test_nobody_has_agreed_before_saying_so(session: Session) -> None:
    guest = factories.make_account(session, "guest")
    assert not any(queries.consented(session, guest.id, purpose) for purpose in PURPOSES)


def test_giving_and_taking_back_are_dated_and_idempotent(session: Session) -> None:
    guest = factories.make_account(session, "guest")
    other = factories.make_account(session, "stranger")
    with time_machine.travel(FIRST, tick=False) as travel:
        assert rules.give_consent(session, account_id=guest.id, purpose="asks")
        travel.shift(3600)
        assert not rules.give_consent(session, account_id=guest.id, purpose="asks")
        assert queries.consented(session, guest.id, "asks")
        assert not queries.consented(session, guest.id, "replies")
        assert not queries.consented(session, other.id, "asks")
        assert rules.withdraw_consent(session, account_id=guest.id, purpose="asks")
        assert not rules.withdraw_consent(session, account_id=guest.id, purpose="asks")
        assert not queries.consented(session, guest.id, "asks")
        assert rules.give_consent(session, account_id=guest.id, purpose="asks")
    session.expire_all()
    assert all_of(session) == [("asks", False), ("asks", True)]
    last, first = queries.consents_of(session, account_id=guest.id)
    assert (first.given_at, first.withdrawn_at) == (FIRST, last.given_at)


@pytest.mark.parametrize("change", [rules.give_consent, rules.withdraw_consent])
def test_nobody_agrees_to_what_is_not_asked(session: Session, change) -> None:
    guest = factories.make_account(session, "guest")
    with pytest.raises(BadInput):
        change(session, account_id=guest.id, purpose="ads")


def test_the_database_itself_keeps_one_yes(session: Session) -> None:
    guest = factories.make_account(session, "guest")
    for _time in range(2):
        session.add(Consent(account_id=guest.id, purpose="asks", given_at=clock.now()))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_many_taps_at_once_are_one_yes(app: Flask) -> None:
    begin_write()
    guest = factories.make_account(db.session, "guest").id
    db.session.commit()

    def tap(session: Session, number: int) -> None:
        begin_write(session)
        rules.give_consent(session, account_id=guest, purpose="replies")
        session.commit()

    assert race(app, tap, times=24) == {"ok": 24}
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 1

    def back_and_forth(session: Session, number: int) -> None:
        begin_write(session)
        change = rules.give_consent if number % 2 else rules.withdraw_consent
        change(session, account_id=guest, purpose="replies")
        session.commit()

    db.session.rollback()
    assert race(app, back_and_forth, times=24) == {"ok": 24}
    live = select(func.count()).select_from(Consent).where(Consent.withdrawn_at.is_(None))
    assert db.session.scalar(live) in (0, 1)


def test_the_control_that_looks_and_then_inserts_fails(app: Flask) -> None:
    """Two taps that both looked before either wrote: a plain insert meets the index, the rule does not mind."""
    begin_write()
    guest = factories.make_account(db.session, "guest").id
    db.session.commit()
    refused = 0
    for _tap in range(2):
        begin_write()
        db.session.add(Consent(account_id=guest, purpose="asks", given_at=clock.now()))
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            refused += 1
    assert refused == 1


def test_the_inbox_obeys(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = factories.make_account(session, "guest")
    news = sentences.Kind("bell", "t", "t", purpose="replies")
    monkeypatch.setitem(sentences.KINDS, "test.news", news)

    def told(kind: str) -> bool:
        key = f"{kind}:{session.scalar(select(func.count()).select_from(Message))}"
        return inbox.tell(session, account_id=guest.id, key=key, kind=kind, link="/", title="t")

    assert not told("test.news")
    rules.give_consent(session, account_id=guest.id, purpose="replies")
    assert told("test.news")
    rules.withdraw_consent(session, account_id=guest.id, purpose="replies")
    assert not told("test.news")
    assert told("order.paid"), "a receipt is proof and always told"


def test_every_message_asks_for_a_known_purpose_or_none() -> None:
    assert {kind.purpose for kind in sentences.KINDS.values()} <= {"", *PURPOSES}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_page_switches_in_one_tap(client: FlaskClient, language: str) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    headers = {"Accept-Language": language}
    assert client.get("/me/consents", headers=headers).status_code == 200
    for answer, live in (("1", True), ("1", True), ("0", False)):
        posted = client.post("/me/consents", data={"purpose": "asks", "on": answer}, headers=headers)
        assert (posted.status_code, posted.location) == (303, "/me/consents")
        body = client.get("/me/consents", headers=headers).get_data(as_text=True)
        assert ('name="on" value="0"' in body) is live
    assert body.count("<li><time") == 2
    db.session.rollback()
    assert all_of(db.session) == [("asks", False)]


def test_it_leads_back_to_where_it_was_asked(client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    for target, expected in (("/wallet", "/wallet"), ("//evil.example", "/me/consents")):
        given = {"purpose": "asks", "on": "1", "next": target}
        assert client.post("/me/consents", data=given).location == expected


def test_every_table_of_a_person_has_its_words() -> None:
    named = [name for line in KNOWN for name in line.tables]
    assert sorted(named) == sorted(registry.HELD)


def test_what_we_know_is_counted(app: Flask, client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    begin_write()
    guest = factories.make_account(db.session, "guest").id
    stranger = factories.make_account(db.session, "stranger").id
    for account_id in (guest, stranger):
        rules.give_consent(db.session, account_id=account_id, purpose="asks")
    db.session.commit()
    counts = registry.counts(db.session, account_id=guest)
    exported = registry.export(db.session, account_id=guest)
    assert counts == {name: len(rows) for name, rows in exported.items() if rows}
    assert counts["consent"] == 1
    db.session.rollback()
    with statements() as said:
        body = client.get("/me/data").get_data(as_text=True)
    assert "Personalisation: none" in body
    assert all(f'href="{way}"' in body for way in ("/me/export", "/me/erase", "/me/consents"))
    assert len(said) <= 5, said
