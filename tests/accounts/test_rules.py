"""Rules of accounts, without a browser."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts import chores, keys, passkeys, queries, recovery, rules
from o2o.accounts.models import Account, Challenge, Login, RecoveryKey, SignInLink
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, RuleBroken
from tests.racers import race


def account(session: Session) -> int:
    return rules.create_account(session).id


@pytest.mark.parametrize("handle", ["", "A", "-x", "x" * 41, "名", "a b", "a/b", "a\n"])
def test_handles_are_plain(session: Session, handle: str) -> None:
    with pytest.raises(BadInput):
        rules.create_account(session, handle=handle)


def test_a_token_is_kept_as_a_digest_only(session: Session) -> None:
    token = rules.start_login(session, account_id=account(session), device="x" * 200)
    row = session.scalars(select(Login)).one()
    assert token not in (row.digest, row.public_id)
    assert len(row.device) == 80
    assert queries.live_login(session, token)
    assert queries.live_login(session, row.digest) is None
    assert queries.live_login(session, "") is None


def test_an_ended_login_ends_for_good(session: Session) -> None:
    token = rules.start_login(session, account_id=account(session), device="")
    rules.end_login(session, token=token)
    ended = session.scalars(select(Login.ended_at)).one()
    rules.end_login(session, token=token)
    assert session.scalars(select(Login.ended_at)).one() == ended
    assert queries.live_login(session, token) is None


def test_an_erased_account_opens_to_nobody(session: Session) -> None:
    mine = account(session)
    token = rules.start_login(session, account_id=mine, device="")
    session.get_one(Account, mine).erased_at = clock.now()
    session.flush()
    assert queries.live_login(session, token) is None


def test_keys_are_long_and_spelled_one_way() -> None:
    key = keys.recovery_key("secret", "0" * 32)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", key)
    codes = keys.recovery_codes("secret", "0" * 32)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{16}", code) for code in codes)
    assert keys.recovery_key("other", "0" * 32) != key != keys.recovery_key("secret", "1" * 32)
    assert keys.normal(f"  {key[:4].lower()}—{key[4:]} ") == key
    full_width = "".join(chr(ord(letter) + 0xFEE0) for letter in key)
    assert keys.normal(full_width) == key
    assert keys.normal("O" * 8 + "IlIl" * 2) == "0" * 8 + "1" * 8
    assert (
        keys.normal(key + "0") is keys.normal("") is keys.normal("U" * 16) is keys.normal("0" * 101) is None
    )


def test_a_second_key_for_the_same_nonce_is_the_same_account(session: Session) -> None:
    mine = recovery.create_with_key(session, key="K" * 26)
    assert recovery.create_with_key(session, key="K" * 26) == mine
    assert len(session.scalars(select(Account)).all()) == 1


def test_racing_forms_make_one_account(app: Flask) -> None:
    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        recovery.create_with_key(session, key="R" * 26)
        session.commit()

    assert race(app, attempt, times=16) == {"ok": 16}
    db.session.rollback()
    assert len(db.session.scalars(select(Account)).all()) == 1
    assert len(db.session.scalars(select(RecoveryKey)).all()) == 1


def test_racing_guests_use_a_link_once(app: Flask) -> None:
    begin_write()
    token = rules.make_sign_in_link(db.session, account_id=account(db.session))
    db.session.commit()

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        rules.use_sign_in_link(session, token=token)
        session.commit()

    assert race(app, attempt, times=16) == {"ok": 1, "link_gone": 15}


def test_two_devices_cannot_remove_the_last_two_passkeys(app: Flask) -> None:
    begin_write()
    mine = account(db.session)
    made = passkeys.NewCredential(b"a", b"k", 0, True, True, "")
    other = passkeys.NewCredential(b"b", b"k", 0, True, True, "")
    for credential in (made, other):
        passkeys.add(db.session, account_id=mine, made=credential, handle=b"h", label="x")
    db.session.commit()
    ids = [row.id for row in queries.passkeys_of(db.session, account_id=mine)]
    db.session.rollback()

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        passkeys.remove(session, account_id=mine, passkey_id=ids[number])
        session.commit()

    assert race(app, attempt, times=2, threads=2) == {"ok": 1, "last_way_in": 1}


def test_an_account_has_at_most_twenty_passkeys(session: Session) -> None:
    mine = account(session)
    for number in range(passkeys.MOST_PASSKEYS):
        made = passkeys.NewCredential(bytes([number]), b"k", 0, False, False, "")
        passkeys.add(session, account_id=mine, made=made, handle=b"h", label="x")
    with pytest.raises(RuleBroken, match="too_many_passkeys"):
        passkeys.add(session, account_id=mine, made=made, handle=b"h", label="x")


def test_the_worker_forgets_what_nobody_can_use(session: Session) -> None:
    mine = account(session)
    passkeys.begin(session, purpose="sign-in", browser="b")
    rules.make_sign_in_link(session, account_id=mine)
    rules.start_login(session, account_id=mine, device="")
    live = rules.start_login(session, account_id=mine, device="")
    long_ago = clock.now() - timedelta(days=31)
    session.scalars(select(Challenge)).one().expires_at = long_ago
    session.scalars(select(SignInLink)).one().expires_at = long_ago
    session.scalars(select(Login).where(Login.digest != keys.digest(live))).one().ended_at = long_ago
    session.commit()
    assert chores.forget_stale(session) == 3
    assert queries.live_login(session, live)
    session.rollback()
