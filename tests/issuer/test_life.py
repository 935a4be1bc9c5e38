"""The life of keys: published a week before they sign, verified until withdrawn, renewed in time."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.issuer import queries, rules
from o2o.issuer.keys import KeyTrouble, load_keys, make_key
from o2o.issuer.life import NOTICE, KeyRow, signing_kid, states
from o2o.issuer.models import IssuerKeyState
from o2o.kernel import checks, tokens
from o2o.kernel.db import begin_write
from o2o.kernel.journal import Fact
from tests.issuer import town
from tests.issuer.town import DAY, DAY_0, SECOND, files


def broken(session: Session) -> list[str]:
    return [line for line in checks.broken(session) if line.startswith("I20")]


def test_the_first_key_signs_at_once(session: Session, place: Path) -> None:
    key = queries.signing_key(session, DAY_0)
    session.commit()
    assert (key.kid, files(place)) == (1, ["issuer-001.pem"])
    assert town.states(DAY_0) == {1: "signing"}
    assert list(queries.verifying_keys(session)) == [1]
    assert broken(session) == []


def test_a_published_key_signs_in_a_week(session: Session, place: Path) -> None:
    queries.signing_key(session, DAY_0)
    fresh = rules.publish(session, now=DAY_0)
    assert (fresh.kid, fresh.signs_from) == (2, DAY_0 + timedelta(days=7))
    session.commit()
    for moment, expected, kid in (
        (DAY_0, {1: "signing", 2: "published"}, 1),
        (DAY_0 + NOTICE - SECOND, {1: "signing", 2: "published"}, 1),
        (DAY_0 + NOTICE, {1: "verifying", 2: "signing"}, 2),
        (DAY_0 + 400 * DAY, {1: "verifying", 2: "signing"}, 2),
    ):
        assert town.states(moment) == expected
        assert queries.signing_key(session, moment).kid == kid
    assert sorted(queries.verifying_keys(session)) == [1, 2]


def test_only_one_published_key_waits(session: Session, place: Path) -> None:
    rules.publish(session, now=DAY_0)
    with pytest.raises(
        rules.KeyRefused, match="Key 2 is published already and signs from 2026-11-29 03:00 UTC"
    ):
        rules.publish(session, now=DAY_0 + 6 * DAY)
    assert rules.publish(session, now=DAY_0 + 7 * DAY).kid == 3


def test_at_once_takes_the_key_that_waits(session: Session, place: Path) -> None:
    rules.publish(session, now=DAY_0)
    assert rules.publish_at_once(session, now=DAY_0 + DAY).kid == 2
    assert queries.signing_key(session, DAY_0 + DAY).kid == 2
    assert rules.publish_at_once(session, now=DAY_0 + 2 * DAY).kid == 3
    assert queries.signing_key(session, DAY_0 + 2 * DAY).kid == 3
    session.commit()
    assert files(place) == ["issuer-001.pem", "issuer-002.pem", "issuer-003.pem"]


def test_a_withdrawn_key_is_unknown_and_the_older_one_signs_again(session: Session, place: Path) -> None:
    rules.publish(session, now=DAY_0)
    now = DAY_0 + 8 * DAY
    assert rules.withdraw(session, kid=2, why=" seen by a stranger ", now=now).kid == 1
    session.commit()
    assert town.states(now) == {1: "signing", 2: "withdrawn"}
    assert list(queries.verifying_keys(session)) == [1]
    row = session.get_one(IssuerKeyState, 2)
    assert (row.withdrawn_at, row.withdrawn_why) == (now, "seen by a stranger")
    assert [fact.ids for fact in session.scalars(select(Fact).where(Fact.name == "issuer.withdrawn"))] == [
        {"kid": 2}
    ]
    (place / "issuer-002.pem").unlink()
    assert broken(session) == []


def test_the_last_key_withdrawn_leaves_an_emergency_key(session: Session, place: Path) -> None:
    queries.signing_key(session, DAY_0)
    assert rules.withdraw(session, kid=1, why="stolen", now=DAY_0 + DAY).kid == 2
    session.commit()
    assert town.states(DAY_0 + DAY) == {1: "withdrawn", 2: "signing"}
    assert queries.signing_key(session, DAY_0 + DAY).kid == 2
    assert broken(session) == []


def test_the_key_that_waits_is_better_than_an_emergency_key(session: Session, place: Path) -> None:
    rules.publish(session, now=DAY_0)
    assert rules.withdraw(session, kid=1, why="stolen", now=DAY_0 + DAY).kid == 2
    session.commit()
    assert town.states(DAY_0 + DAY) == {1: "withdrawn", 2: "signing"}
    assert files(place) == ["issuer-001.pem", "issuer-002.pem"]


@pytest.mark.parametrize(
    ("kid", "why", "said"), [(7, "x", "no key 7"), (1, "x", "already"), (2, "  ", "Say why")]
)
def test_what_cannot_be_withdrawn(session: Session, place: Path, kid: int, why: str, said: str) -> None:
    rules.publish(session, now=DAY_0)
    rules.withdraw(session, kid=1, why="stolen", now=DAY_0)
    with pytest.raises(rules.KeyRefused, match=said):
        rules.withdraw(session, kid=kid, why=why, now=DAY_0)


def test_a_withdrawn_number_is_never_used_again(session: Session, place: Path) -> None:
    rules.publish(session, now=DAY_0)
    rules.withdraw(session, kid=2, why="stolen", now=DAY_0)
    session.commit()
    (place / "issuer-002.pem").unlink()
    begin_write(session)
    assert rules.publish(session, now=DAY_0).kid == 3


def test_renewal_comes_a_week_before_ninety_days(session: Session, place: Path) -> None:
    queries.signing_key(session, DAY_0)
    assert rules.renew(session, now=DAY_0 + 83 * DAY - SECOND) is None
    fresh = rules.renew(session, now=DAY_0 + 83 * DAY)
    assert fresh is not None
    assert (fresh.kid, fresh.signs_from) == (2, DAY_0 + 90 * DAY)
    assert rules.renew(session, now=DAY_0 + 84 * DAY) is None
    again = rules.renew(session, now=DAY_0 + 173 * DAY)
    assert again is not None
    assert again.signs_from == DAY_0 + 180 * DAY


def test_an_older_town_keeps_its_keys(session: Session, place: Path) -> None:
    for number, made in ((1, DAY_0), (3, DAY_0 + DAY)):
        make_key(place, number, made)
    now = DAY_0 + 2 * DAY
    assert rules.adopt(session, now=now) == 2
    assert rules.adopt(session, now=now) == 0
    session.commit()
    assert town.states(now) == {1: "verifying", 3: "signing"}
    rows = {row.kid: (row.published_at, row.signs_from) for row in queries.key_rows(session)}
    assert rows == {1: (DAY_0, DAY_0), 3: (DAY_0 + DAY, DAY_0 + DAY)}
    assert sorted(queries.verifying_keys(session)) == [1, 3]


def test_a_key_made_under_a_wrong_clock_still_signs(session: Session, place: Path) -> None:
    make_key(place, 1, DAY_0 + 900 * DAY)
    assert queries.signing_key(session, DAY_0).kid == 1
    # And a clock that is put back afterwards does not stop sales.
    assert queries.signing_key(session, DAY_0 - DAY).kid == 1


def test_a_file_without_a_row_never_signs(session: Session, place: Path) -> None:
    rules.publish(session, now=DAY_0)
    session.rollback()
    begin_write(session)
    queries.signing_key(session, DAY_0)
    session.commit()
    # Everything was rolled back but the files: those of the first key were adopted, both of them.
    assert sorted(queries.verifying_keys(session)) == [1, 2]
    make_key(place, 3, DAY_0)
    begin_write(session)
    assert rules.adopt(session, now=DAY_0) == 0
    assert queries.signing_key(session, DAY_0 + 100 * DAY).kid == 2
    assert rules.publish(session, now=DAY_0).kid == 4
    session.commit()
    assert sorted(queries.verifying_keys(session)) == [1, 2, 4]


def test_a_lost_or_foreign_file_gives_a_sentence_and_no_new_key(session: Session, place: Path) -> None:
    queries.signing_key(session, DAY_0)
    session.commit()
    (place / "issuer-001.pem").unlink()
    with pytest.raises(KeyTrouble, match=r"issuer-001\.pem is missing"):
        queries.signing_key(session, DAY_0)
    assert files(place) == []
    assert len(broken(session)) == 1
    make_key(place, 1, DAY_0)
    with pytest.raises(KeyTrouble, match="is not the key 1 of this town"):
        queries.signing_key(session, DAY_0)
    assert len(broken(session)) == 1
    # Tills go on verifying: that needs no private key.
    assert list(queries.verifying_keys(session)) == [1]
    # And the way out is the one the sentence names.
    begin_write(session)
    assert rules.withdraw(session, kid=1, why="lost", now=DAY_0).kid == 2
    session.commit()
    assert queries.signing_key(session, DAY_0).kid == 2
    assert broken(session) == []


def row(kid: int, published: datetime, withdrawn: datetime | None) -> KeyRow:
    return KeyRow(kid, "0" * 64, "0" * 64, published, DAY_0 if kid == 1 else published + NOTICE, withdrawn)


days = st.integers(0, 400).map(lambda number: DAY_0 + number * DAY)
histories = st.lists(days, max_size=6).map(
    lambda found: [row(kid, at, None) for kid, at in enumerate([DAY_0, *sorted(found)], 1)]
)


@given(histories, days, st.integers(0, 7))
def test_a_till_offline_for_a_week_knows_the_key_that_signs(
    rows: list[KeyRow], now: datetime, offline: int
) -> None:
    fetched_at = now - offline * DAY
    known_then = {row.kid for row in rows if row.published_at <= fetched_at}
    signs = signing_kid(rows, now)
    assert signs in known_then or fetched_at < DAY_0
    assert list(states(rows, now).values()).count("signing") == 1


def test_the_cached_keys_of_a_till_verify_what_the_new_key_signs(session: Session, place: Path) -> None:
    queries.signing_key(session, DAY_0)
    session.commit()
    begin_write(session)
    rules.publish(session, now=DAY_0)
    session.commit()
    cached = queries.verifying_keys(session)
    for days_later in range(13):
        key = queries.signing_key(session, DAY_0 + days_later * DAY)
        assert key.kid == (1 if days_later < 7 else 2)
        signature = tokens.sign(key.private, b"t\0", b"body")
        assert tokens.holds(cached[key.kid], b"t\0", b"body", signature)


def test_keys_are_read_once(session: Session, place: Path) -> None:
    queries.signing_key(session, DAY_0)
    session.commit()
    assert queries.verifying_keys(session)[1] is queries.verifying_keys(session)[1]
    assert load_keys(place)[1].private is load_keys(place)[1].private
