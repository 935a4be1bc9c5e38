"""What a closing leaves: of a former owner nothing holds for the next one; a delisting is not washed off."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.accounts import rules as accounts
from o2o.admission import rules as admission
from o2o.branches import queries as branches
from o2o.branches import rules as branch_rules
from o2o.conduct import queries as record
from o2o.conduct.models import Sanction
from o2o.kernel import checks, clock
from o2o.kernel.db import Base, begin_write
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.offers import rules as offers
from o2o.offers.models import Offer, Terms
from o2o.onboarding import rules as onboarding
from o2o.sanctions import rules as sanction_rules
from o2o.sanctions.shown import outcome
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop
from o2o.shops.rules import place_digest
from tests.factories import make_role, make_sanction, make_shop
from tests.leaving.going import NOON, Leaver, again, work

DAY = timedelta(days=1)
SUSPENDED = ("warn", "limit", "suspend")
DELISTED = (*SUSPENDED, "delist")


def closed(session: Session, steps: tuple[str, ...] = (), **shop: Any) -> Leaver:
    """Close a shop a day after NOON; the session writes on."""
    with travel(NOON, tick=False):
        going = Leaver(session, **shop)
        admission.give(session, shop_id=going.shop.id, account_id=going.owner, now=NOON)
        for step in steps:
            make_sanction(session, going.shop, step=step)
        going.announce(days=1)
        again(session)
    with travel(NOON + DAY, tick=False):
        work(session)
        assert checks.broken(session) == []
    session.expire_all()
    begin_write(session)
    return going


def owned_again(session: Session, going: Leaver, handle: str, at: datetime) -> None:
    with travel(at, tick=False):
        owner = make_role(session, going.shop, handle, kind="owner").account_id
        going.shop.status = "claimed"
        admission.give(session, shop_id=going.shop.id, account_id=owner, now=at)


def of_steps(session: Session, going: Leaver) -> dict[str, Sanction]:
    rows = session.scalars(select(Sanction).where(Sanction.shop_id == going.shop.id))
    return {row.step: row for row in rows}


@pytest.mark.parametrize("steps", [SUSPENDED, SUSPENDED[:2]], ids=["suspended", "limited"])
def test_a_sanction_ends_with_its_shop_and_the_next_owner_is_free(
    app: Flask, session: Session, steps: tuple[str, ...]
) -> None:
    going = closed(session, steps)
    assert (going.shop.status, going.shop.sanction) == ("unclaimed", None)
    rows = of_steps(session, going)
    assert {row.state for row in rows.values()} == {"over"}
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert {outcome(row) for row in rows.values()} == {"Over because the shop closed."}
    assert all(row.ends_at == NOON + DAY for row in rows.values())
    counted = {row.step: (row.standing, row.ever) for row in record.counts(session)}
    assert all(counted[step] == (0, 1) for step in steps)
    owned_again(session, going, "next", NOON + 2 * DAY)
    assert going.shop.sells(NOON + 2 * DAY)
    assert record.counting(session, shop_id=going.shop.id, now=NOON + 2 * DAY) == set()
    assert record.of_shop(session, shop_id=going.shop.id, every=False) == ([], False)
    assert len(record.of_shop(session, shop_id=going.shop.id)[0]) == len(steps)
    with pytest.raises(RuleBroken, match="step_missing"):
        make_sanction(session, going.shop, step="limit", now=NOON + 2 * DAY)


def test_whoever_comes_back_finds_the_steps_counted(session: Session) -> None:
    going = closed(session, SUSPENDED)
    owned_again(session, going, "owner", NOON + 2 * DAY)
    assert going.shop.sanction is None
    assert record.counting(session, shop_id=going.shop.id, now=NOON + 2 * DAY) == set(SUSPENDED)
    assert record.counting(session, shop_id=going.shop.id, now=NOON + 367 * DAY) == set()
    assert make_sanction(session, going.shop, step="delist", now=NOON + 2 * DAY).state == "in_force"


def test_handing_a_shop_on_washes_nothing_off(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        make_sanction(session, going.shop)
    with travel(NOON + DAY, tick=False):
        heir = make_role(session, going.shop, "heir", kind="owner").account_id
    with travel(NOON + 2 * DAY, tick=False):
        shop_rules.quit_shop(session, shop_id=going.shop.id, account_id=going.owner)
        assert heir != going.owner
        assert record.counting(session, shop_id=going.shop.id, now=clock.now()) == {"warn"}


def test_an_open_objection_ends_with_the_shop(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        row = make_sanction(session, going.shop)
        given = {"shop_id": going.shop.id, "sanction_id": row.id, "by": going.owner}
        sanction_rules.appeal(session, words="It was the power cut.", now=NOON, **given)
        going.announce(days=1)
        again(session)
    with travel(NOON + DAY, tick=False):
        work(session)
        session.expire_all()
        assert (row.state, row.appeal) == ("over", "It was the power cut.")
        assert checks.broken(session) == []


class Place:
    """A place as a map says it."""

    osm_id = "node/7"
    name = "小满咖啡"
    name_zh = name_en = address = website = wheelchair = brand = None
    category = "cafe"
    lat, lng = 39.99, 116.33
    phone = "010 6255 0000"
    opening_hours = "Mo-Su 08:00-20:00"
    words = ("flat white", "咖啡")


def imported(session: Session, shop_id: int) -> str:
    shop = session.get_one(Shop, shop_id)
    return shop_rules.update_listing(session, shop=shop, place=Place())


def test_a_delisting_stands_and_no_import_brings_the_place_back(session: Session) -> None:
    going = closed(session, DELISTED)
    rows = of_steps(session, going)
    assert {step: row.state for step, row in rows.items()} == {
        **dict.fromkeys(SUSPENDED, "over"),
        "delist": "in_force",
    }
    assert going.shop.status == "gone"
    assert imported(session, going.shop.id) == "kept"
    assert going.shop.status == "gone"
    with pytest.raises(NotAllowed):
        onboarding.claim(session, shop_id=going.shop.id, account_id=going.owner, now=NOON + DAY)


@pytest.mark.parametrize("way", ["lifted", "undecided"])
def test_once_it_is_lifted_the_map_lists_the_place_again(session: Session, way: str) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        rows = [make_sanction(session, going.shop, step=step) for step in DELISTED]
        row, second = rows[-1], accounts.create_account(session, handle="second", operator=True).id
        if way == "undecided":
            given = {"shop_id": going.shop.id, "sanction_id": row.id, "by": going.owner}
            sanction_rules.appeal(session, words="Not us.", now=NOON, **given)
        going.announce(days=1)
        again(session)
    with travel(NOON + DAY, tick=False):
        work(session)
    begin_write(session)
    later = NOON + 20 * DAY
    with travel(later, tick=False):
        if way == "lifted":
            sanction_rules.lift(session, sanction_id=row.id, by=second, words="A mistake.", now=later)
        else:
            assert sanction_rules.pass_time(session, sanction_id=row.id, now=later)
        assert row.state == "lifted"
        assert going.shop.status == "gone"
        assert imported(session, going.shop.id) == "updated"
        assert (going.shop.status, going.shop.sanction) == ("unclaimed", None)
        assert checks.broken(session) == []


def test_what_the_operator_took_down_stays_down_whatever_is_lifted(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        row = [make_sanction(session, going.shop, step=step) for step in DELISTED][-1]
        shop_rules.take_down(session, shop_id=going.shop.id)
        sanction_rules.lift(session, sanction_id=row.id, by=row.created_by, words="A mistake.", now=NOON)
        assert imported(session, going.shop.id) == "kept"


@pytest.mark.parametrize("changed", [True, False], ids=["changed", "as-mapped"])
def test_hours_and_numbers_of_an_owner_go_and_the_maps_stay(session: Session, changed: bool) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        going.shop.status = "unclaimed"
        assert imported(session, going.shop.id) == "updated"
        going.shop.status = "claimed"
        assert going.shop.osm_digest == place_digest(Place())
        if changed:
            shop_rules.edit_shop(
                session, shop_id=going.shop.id, hours="24/7", phone="1", website="https://me.example"
            )
        assert going.shop.open_from is not None
        going.announce(days=1)
        again(session)
    with travel(NOON + DAY, tick=False):
        work(session)
        session.expire_all()
        begin_write(session)
        found = (going.shop.hours, going.shop.phone, going.shop.website, going.shop.open_from is None)
        assert found == (
            (None, None, None, True) if changed else (Place.opening_hours, Place.phone, None, False)
        )
        assert going.shop.name == Place.name
        assert imported(session, going.shop.id) == "updated"
        assert (going.shop.hours, going.shop.phone) == (Place.opening_hours, Place.phone)


def offers_of(session: Session, shared_id: int) -> dict[int, int]:
    return {part.shop_id: part.offer_id for part in branches.parts(session, shared_id)}


def test_a_closing_branch_leaves_the_others_what_they_share(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        others = [make_shop(session, name) for name in ("西店", "南店")]
        given = {"account_id": going.owner, "now": NOON}
        for other in others:
            make_role(session, other, "owner", kind="owner")
            branch_rules.join(session, shop_id=going.shop.id, other_id=other.id, **given)
        shared = branch_rules.share(
            session,
            shop_id=going.shop.id,
            offer_id=going.terms.offer_id,
            with_ids=[one.id for one in others],
            **given,
        )
        going.announce(days=1)
        again(session)
        west, south = others
        carried = {"shop_id": west.id, "shared_id": shared.id, "account_id": going.owner}
        mine = session.get_one(Offer, offers_of(session, shared.id)[west.id])
        cheaper = replace(branch_rules.as_draft(session.get_one(Terms, mine.terms_id)), price=3700)
        offers.revise(session, offer_id=mine.id, draft=cheaper)
        assert branch_rules.carry(session, **carried) == 1, "only the one that stays"
        again(session)
    with travel(NOON + DAY, tick=False):
        work(session)
    session.expire_all()
    begin_write(session)
    assert branches.branch_of(session, going.shop.id) is None
    group = branches.group(session, west.id)
    assert group is not None
    assert branches.member_ids(session, group.id) == sorted([west.id, south.id])
    lines = branches.shared_of(session, shop_id=west.id, account_id=going.owner)
    assert [(line.mine.offer.state, [part.shop.id for part in line.others]) for line in lines] == [
        ("on_sale", [south.id])
    ]
    acts = Base.metadata.tables["act"]
    told = session.execute(
        select(acts.c.shop_id, acts.c.role, acts.c.account_id, acts.c.detail).where(
            acts.c.verb == "branches.close"
        )
    ).all()
    assert sorted(map(tuple, told)) == [
        (one.id, "worker", None, {"branch": going.shop.id}) for one in (west, south)
    ]
