"""Tills fall silent, are switched off, leave gaps, undo: what the owner sees, and what becomes of the money."""

from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from o2o.claims.models import Claim
from o2o.kernel.db import db
from o2o.redemption.models import Redemption
from tests.claims.tillkit import Counter
from tests.issuer.town import DAY_0
from tests.journeys.away import (
    DAY,
    HOUR,
    MINUTE,
    Guest,
    MakeStand,
    Stand,
    book,
    claim,
    paid_back,
    pass_of,
    sound,
    stands,
    work,
)
from tests.journeys.person import Person


def test_a_till_is_switched_off_and_comes_home_late(
    app: Flask, now: Traveller, five: Counter, stand: MakeStand
) -> None:
    guest, owner = Guest(app, "guest", 1), Person(app, "owner", "en")
    sold = guest.buy(five)
    lost, kept = stand(five, "lost"), stand(five, "kept")
    now.shift(HOUR)
    before = lost.take(sold)
    now.shift(HOUR)
    owner.sign_in("owner")
    owner.go(f"/console/{five.shop}/tills")
    owner.press(f"/console/{five.shop}/tills/{lost.till.id}/revoke")
    now.shift(HOUR)
    after = lost.take(sold)
    now.shift(HOUR)
    words = lost.sync()
    assert [(word["verdict"], word["reason"]) for word in words] == [
        ("stored", ""),
        ("rejected", "till_revoked"),
    ]
    assert (stands(before), lost.answer["till"]["state"]) == (("won", None), "revoked")
    assert "codes" not in lost.answer["delta"]
    assert db.session.get(Claim, after["claim_id"]) is None
    assert pass_of(sold) == ("valid", 4)
    # A till that is switched off holds nothing back: the one that is left decides.
    work()
    assert book(five.shop) == {"cash": 7601, "shop_pending": -1521, "voucher_liability": -6080}
    kept.hear()
    work()
    assert book(five.shop) == {"cash": 7601, "shop_payable": -1521, "voucher_liability": -6080}


def test_a_gap_is_shown_to_the_owner_and_holds_the_money_three_days_at_most(
    app: Flask, now: Traveller, five: Counter, stand: MakeStand
) -> None:
    guest, owner = Guest(app, "guest", 1), Person(app, "owner", "en")
    sold, other = guest.buy(five), guest.buy(five)
    away = stand(five)
    for at in (sold, other, sold):
        now.shift(5 * MINUTE)
        away.take(at)
    away.sync([away.till.ledger[0], away.till.ledger[2]])
    assert "Gap" in owner.go(f"/console/{five.shop}/tills")
    assert "2 entries of its book have not arrived" in owner.body
    now.shift(HOUR)
    guest.ask_back(other)
    work()
    for _ in range(3):
        away.sync([])
        work()
    assert paid_back() == 0
    assert book(five.shop)["shop_pending"] == -3041
    now.move_to(DAY_0 + 3 * DAY + 2 * HOUR)
    work()
    assert paid_back() == 7601
    assert book(five.shop) == {"cash": 7601, "shop_payable": -3041, "voucher_liability": -4560}
    # What closes the gap is late, and the money is out: the shop bears what it kept to itself.
    assert away.sync([away.till.ledger[1]])[0]["cause"] == "late_claim"
    assert "Gap" not in owner.go(f"/console/{five.shop}/tills")
    away.hear()
    work()
    assert book(five.shop) == {"cash": 7601, "shop_payable": -3041, "voucher_liability": -4560}


def test_a_gap_that_closes_in_time_costs_nobody_anything(
    app: Flask, now: Traveller, five: Counter, stand: MakeStand
) -> None:
    guest = Guest(app, "guest", 1)
    sold = guest.buy(five)
    away = stand(five)
    for _ in range(3):
        now.shift(5 * MINUTE)
        away.take(sold)
    away.sync([away.till.ledger[2]])
    now.shift(HOUR)
    work()
    away.sync([])
    away.sync([away.till.ledger[1]])
    work()
    assert book(five.shop)["shop_pending"] == -3041
    away.sync([away.till.ledger[0]])
    work()
    away.hear()
    work()
    away.hear()
    work()
    assert pass_of(sold) == ("valid", 2)
    now.shift(HOUR)
    work()
    away.hear()
    work()
    assert book(five.shop) == {"cash": 7601, "shop_payable": -4561, "voucher_liability": -3040}


@pytest.mark.parametrize("order", list(permutations("ABC")))
def test_five_uses_two_tills_one_undo_offline_and_one_at_the_counter(
    app: Flask, now: Traveller, five: Counter, stand: MakeStand, order: tuple[str, ...]
) -> None:
    guest, staff = Guest(app, "guest", 1), Person(app, "staff", "en")
    sold = guest.buy(five)
    desks = {"A": stand(five, "A"), "B": stand(five, "B")}
    now.shift(10 * MINUTE)
    first = desks["A"].take(sold, quantity=2)
    now.shift(10 * MINUTE)
    second = desks["B"].take(sold, quantity=2)
    now.shift(MINUTE)
    third = desks["A"].take(sold)
    now.shift(MINUTE)
    desks["A"].till.annul(third, DAY_0 + 22 * MINUTE)
    receipt = ""
    for name in order:
        if name != "C":
            desks[name].sync()
            continue
        staff.go("/till")
        staff.press("/till/scan", code=guest.has(sold.pass_id).short_code)
        if "/till/redemptions" in staff.body:
            staff.press("/till/redemptions")
        receipt = staff.here if staff.here.startswith("/till/redemptions/") else ""
        sound()
    assert (stands(first), stands(second), stands(third)) == (
        ("won", None),
        ("won", None),
        ("annulled", None),
    )
    assert receipt
    assert pass_of(sold) == ("used", 0)
    # What a till has in its own ledger is undone there, and what the counter took by anybody at the counter.
    mine = db.session.scalars(select(Redemption.id).where(Redemption.claim_id == second["claim_id"])).one()
    staff.go(receipt)
    refused = staff.post(f"/till/redemptions/{mine}/annul", data={"reason": "mistake", "key": "press-1"})
    assert refused.status_code == 409
    sound()
    staff.press(f"{receipt}/annul", reason="mistake")
    sound()
    assert pass_of(sold) == ("valid", 1)
    for desk in desks.values():
        desk.sync()
    last = desks["B"].take(sold)
    now.shift(MINUTE)
    desks["B"].sync()
    assert stands(last) == ("won", None)
    now.shift(HOUR)
    for _ in range(2):
        work()
        for desk in desks.values():
            desk.hear()
    work()
    assert book(five.shop) == {"cash": 7601, "shop_payable": -7601}


def test_a_till_undoes_what_the_counter_took_and_nobody_undoes_it_twice(
    app: Flask, now: Traveller, five: Counter, stand: MakeStand
) -> None:
    guest, staff = Guest(app, "guest", 1), Person(app, "staff", "en")
    sold = guest.buy(five)
    away = stand(five)
    staff.go("/till")
    staff.press("/till/scan", code=sold.short_code)
    staff.press("/till/redemptions")
    receipt = staff.here
    db.session.rollback()
    nonce = db.session.scalars(select(Redemption.nonce)).one()
    now.shift(5 * MINUTE)
    away.till.annul(nonce, DAY_0 + 5 * MINUTE)
    # The till sends it long after the quarter of an hour: its own time counts.
    now.shift(2 * HOUR)
    assert [word["verdict"] for word in away.sync()] == ["stored"]
    assert pass_of(sold) == ("valid", 5)
    staff.go(receipt)
    assert pass_of(sold) == ("valid", 5)
    assert book(five.shop) == {"cash": 7601, "voucher_liability": -7601}


def test_a_till_with_a_wrong_clock_is_put_right_by_what_it_says(
    app: Flask, now: Traveller, five: Counter
) -> None:
    guest = Guest(app, "guest", 1)
    sold = guest.buy(five)
    away = Stand(five.till("wrong", skew=-3 * HOUR), Person(app, "staff", "en"))
    away.sync()
    now.shift(HOUR)
    entry = away.take(sold)
    now.shift(HOUR)
    assert [word["verdict"] for word in away.sync()] == ["stored"]
    assert (claim(entry).at, stands(entry)) == (DAY_0 + HOUR, ("won", None))
