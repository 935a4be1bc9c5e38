"""Keys and phones change while tills are offline: what is still believed, by whom, and what never counts."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from o2o.claims.models import Claim
from o2o.issuer.keys import load_keys
from o2o.kernel.db import db
from o2o.passes.token import BOUND_BYTES, Token, qr_text, sign_token
from tests.claims.tillkit import Counter
from tests.issuer.town import DAY_0
from tests.journeys.away import (
    DAY,
    HOUR,
    MINUTE,
    Guest,
    MakeStand,
    book,
    claim,
    keys,
    pass_of,
    stands,
    work,
)
from tests.journeys.person import Person


def test_a_key_changes_while_a_till_is_away_for_six_days(
    app: Flask, now: Traveller, counter: Counter, stand: MakeStand
) -> None:
    guest = Guest(app, "guest", 1)
    early = guest.buy(counter)
    stale, away = stand(counter, "stale"), stand(counter, "away")
    now.shift(HOUR)
    keys(app, "rotate")
    away.sync()
    now.shift(2 * DAY)
    assert away.refusal(early.live(DAY_0 + 2 * DAY)) == "ok"
    entry = away.take(early, list_age=2 * 86_400)
    now.move_to(DAY_0 + timedelta(days=6, hours=22))
    before = guest.buy(counter)
    assert before.token[0] == 1
    assert [word["verdict"] for word in away.sync()] == ["stored"]
    # Nobody else claims it: late as it is, it stands.
    assert (claim(entry).is_late, stands(entry)) == (True, ("won", None))

    now.move_to(DAY_0 + 7 * DAY + 2 * HOUR)
    guest.come_back()
    after = guest.buy(counter)
    assert (after.token[0], before.token[0]) == (2, 1)
    code = after.live(DAY_0 + 7 * DAY + 2 * HOUR)
    assert away.refusal(code) == "ok"
    assert stale.refusal(code) == "unknown_key"
    assert stale.refusal(before.live(DAY_0 + 7 * DAY)) == "ok"
    stale.sync()
    second, third = stale.take(after), away.take(before)
    now.shift(HOUR)
    stale.hear()
    away.hear()
    assert (stands(second), stands(third)) == (("won", None), ("won", None))
    now.shift(HOUR)
    work()
    stale.hear()
    away.hear()
    work()
    assert book(counter.shop) == {"cash": 3 * 3800, "shop_payable": -3 * 3800}


def test_lists_of_the_day_of_publication_last_the_whole_week(
    app: Flask, now: Traveller, counter: Counter, stand: MakeStand
) -> None:
    guest = Guest(app, "guest", 1)
    away = stand(counter)
    keys(app, "rotate")
    away.sync()
    for days, kid in ((6.99, 1), (7, 2)):
        now.move_to(DAY_0 + days * DAY)
        guest.come_back()
        sold = guest.buy(counter)
        assert (sold.token[0], away.refusal(sold.live(DAY_0 + days * DAY))) == (kid, "ok")


def test_a_key_is_withdrawn_while_a_till_is_away(
    app: Flask, now: Traveller, counter: Counter, stand: MakeStand
) -> None:
    guest = Guest(app, "guest", 1)
    taken, open_ = guest.buy(counter), guest.buy(counter)
    away = stand(counter)
    now.shift(HOUR)
    before = away.take(taken)
    keys(app, "withdraw", "1", "--why", "the backup was stolen", "--yes")
    now.shift(HOUR)
    anew = guest.has(open_.pass_id)
    assert (anew.token[0], anew.gen, anew.short_code) == (2, 0, open_.short_code)
    # It has not heard: the form that the phone had before its next load is still good here.
    assert away.refusal(open_.live(DAY_0 + 2 * HOUR)) == "ok"
    assert away.refusal(anew.live(DAY_0 + 2 * HOUR)) == "unknown_key"
    assert [word["verdict"] for word in away.sync()] == ["stored"]
    assert stands(before) == ("won", None)
    assert pass_of(taken) == ("used", 0)
    assert away.refusal(open_.live(DAY_0 + 2 * HOUR)) == "unknown_key"
    assert away.refusal(anew.live(DAY_0 + 2 * HOUR)) == "ok"
    away.take(anew)
    assert [word["verdict"] for word in away.sync()] == ["stored"]
    assert pass_of(open_) == ("used", 0)
    now.shift(HOUR)
    work()
    away.hear()
    work()
    assert book(counter.shop) == {"cash": 7600, "shop_payable": -7600}


def test_what_the_leaked_key_signs_counts_for_nothing(
    app: Flask, now: Traveller, counter: Counter, stand: MakeStand
) -> None:
    guest, thief = Guest(app, "guest", 1), Guest(app, "thief", 2)
    sold = guest.buy(counter)
    away = stand(counter)
    leaked = load_keys(app.config["O2O"].keys_dir)[1].private
    keys(app, "withdraw", "1", "--why", "a copy of the disk was sold", "--yes")
    now.shift(HOUR)
    at = DAY_0 + HOUR
    real = Token.unpack(sold.token[: BOUND_BYTES - 64])
    theirs = {"device": thief.phone.x, "parity": thief.phone.parity}
    changes: list[dict[str, Any]] = [
        theirs, {"uses": 5}, {"value": 99_900}, {"gen": 1, **theirs}, {"gen": 1}, {"expires": real.expires + 1440},
        {"terms_id": real.terms_id + 1}, {"pass_id": "0123456789abcdef", **theirs}, {"scope_id": 99},
    ]  # fmt: skip
    texts = []
    for change in changes:
        fields = {name: getattr(real, name) for name in Token.__slots__} | change
        forged = sign_token(Token(**fields), leaked)
        phone = thief.phone if "device" in change else guest.phone
        texts.append(phone.live(forged, at))
    bearer = {name: getattr(real, name) for name in Token.__slots__} | {"device": None, "parity": 0}
    texts += [
        qr_text(sign_token(Token(**bearer), leaked)),
        qr_text(sold.token),
        thief.phone.live(sold.token, at),
    ]
    for text in texts:
        away.till.redeem(sold, at, text=text)
    away.till.redeem(sold, at, mode="online")
    words = away.sync()
    assert [(word["verdict"], word["reason"]) for word in words] == [("rejected", "unknown_key")] * len(words)
    assert pass_of(sold) == ("valid", 1)
    assert db.session.scalars(select(Claim)).all() == []
    # The same phone with the token that the site made is the guest.
    genuine = away.till.redeem(sold, at)
    assert [word["verdict"] for word in away.sync()] == ["stored"]
    assert stands(genuine) == ("won", None)
    assert pass_of(sold) == ("used", 0)


# Phones


@pytest.mark.parametrize("sender", ["old", "new"])
@pytest.mark.parametrize("first", ["old", "new"])
def test_the_old_phone_is_shown_after_the_pass_has_moved(
    app: Flask, now: Traveller, counter: Counter, stand: MakeStand, first: str, sender: str
) -> None:
    old, new = Guest(app, "guest", 1), Guest(app, "guest", 2)
    sold = old.buy(counter)
    desks = {"old": stand(counter, "deaf"), "new": stand(counter, "heard")}
    now.shift(HOUR)
    assert new.bind(sold.pass_id).status_code == 303
    forms = {"old": sold, "new": new.has(sold.pass_id)}
    assert (forms["old"].gen, forms["new"].gen) == (0, 1)
    desks["new"].sync()
    assert desks["new"].refusal(sold.live(DAY_0 + HOUR)) == "superseded"
    order = ("old", "new") if first == "old" else ("new", "old")
    entries = {}
    for name in order:
        now.shift(10 * MINUTE)
        entries[name] = desks[name].take(forms[name])
    now.shift(HOUR)
    for name in (sender, "new" if sender == "old" else "old", sender):
        desks[name].sync()
        desks[name].sync()
    winner, loser = (entries[name] for name in order)
    assert (stands(winner), stands(loser)) == (("won", None), ("lost", "two_phones"))
    assert claim(loser).against == winner["claim_id"]
    for desk in desks.values():
        desk.sync()
        assert desk.conflicts == {loser["claim_id"]: "two_phones"}
        assert desk.refusal(sold.live(DAY_0 + HOUR)) == "superseded"
    assert pass_of(sold) == ("used", 0)
    owner = Person(app, "owner", "en")
    assert "deaf" in owner.go(owner_link(owner, counter))
    new.go(f"/passes/{sold.pass_id}")
    assert "deaf" in new.body or "heard" in new.body


def owner_link(owner: Person, counter: Counter) -> str:
    owner.go(f"/console/{counter.shop}/conflicts")
    return owner.link(f"/console/{counter.shop}/conflicts/")
