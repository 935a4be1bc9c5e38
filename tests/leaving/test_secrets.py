"""A place with a next owner: of the former one's business nothing is read at the desk or carried away."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.admission import rules as admission
from o2o.checkin import queries as checkin
from o2o.designer import rules as designer
from o2o.designer.rules import Costs
from o2o.guests import queries as guests
from o2o.guests import rules as guest_rules
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.errors import NotAllowed
from o2o.leaving import queries as leaving
from o2o.leaving import rules
from o2o.offers import queries as offers
from o2o.offers.models import Terms
from o2o.offers.rules import Draft, Part
from o2o.onboarding import rules as onboarding
from o2o.orders import queries as orders
from o2o.parcel import queries as parcel
from o2o.parcel.carried import CARRIED
from o2o.parcel.own import OWN
from o2o.payments.models import Intent
from o2o.redemption import chores as redemption
from o2o.redemption import rules as till
from o2o.results import queries as results
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop
from o2o.tills import queries as tills
from tests.factories import make_account, make_paid_order, make_poster, make_terms, make_visit
from tests.house.matrix import address
from tests.house.world import build_world
from tests.leaving.going import Leaver, again, open_at_bank, work
from tests.visitor import Visitor

DAY = timedelta(days=1)
CANARY = re.compile(r"CANARY-\w+-A|CANARY-\w+|7,?777\.77|99\.97")
SECRET_COST, SECRET_PRICE = 777_777, 9_997


def used(session: Session, shop_id: int, pass_id: str, staff_id: int) -> str:
    done = till.redeem(
        session, shop_id=shop_id, staff_id=staff_id, pass_id=pass_id, quantity=1, nonce=f"use-of-{pass_id}",
        now=clock.now(),
    )  # fmt: skip
    assert done.redemption_id, done
    return str(done.redemption_id)


def taken_over(session: Session, shop_id: int, handle: str = "heir") -> int:
    """Let somebody ask for the place and be let in; return their account."""
    heir = make_account(session, handle).id
    onboarding.claim(session, shop_id=shop_id, account_id=heir, now=clock.now())
    shop_rules.make_owner(session, shop_id=shop_id, account_id=heir)
    admission.give(session, shop_id=shop_id, account_id=heir, now=clock.now())
    return heir


@pytest.fixture
def handed(session: Session) -> Iterator[tuple[Leaver, int]]:
    """Close a shop whose guest used a voucher, and let "heir" have it two days later; the clock stands there."""
    going = Leaver(session)
    going.used = used(session, going.shop.id, going.pass_.id, going.staff)  # type: ignore[attr-defined]
    going.poster = make_poster(session, going.shop)  # type: ignore[attr-defined]
    guest_rules.reckon(session, shop_id=going.shop.id, account_id=going.pass_.account_id)
    going.announce(days=1)
    again(session)
    began = clock.now()
    with travel(began + DAY, tick=False):
        work(session)
        session.expire_all()
        assert shops.kept_from(session, going.shop.id) == clock.now()
    begin_write(session)
    with travel(began + 3 * DAY, tick=False):
        yield going, taken_over(session, going.shop.id)


def test_every_carried_table_says_what_is_whose(app: Flask) -> None:
    assert OWN.keys() == CARRIED.keys()


def test_an_offer_with_all_that_came_of_it_stays_with_who_made_it(
    session: Session, handed: tuple[Leaver, int]
) -> None:
    going, _heir = handed
    shop_id, former = going.shop.id, going.terms.offer_id
    assert offers.offers_of(session, shop_id) == []
    for read in (offers.desk_offer, results.seen_offer):
        with pytest.raises(NotAllowed):
            read(session, shop_id=shop_id, offer_id=former)
    mine = make_terms(session, going.shop).offer_id
    assert [row.offer.id for row in offers.offers_of(session, shop_id)] == [mine]
    assert results.seen_offer(session, shop_id=shop_id, offer_id=mine).id == mine


def test_whom_a_former_owner_knew_is_new_here(session: Session, handed: tuple[Leaver, int]) -> None:
    going, heir = handed
    shop_id, account_id = going.shop.id, going.pass_.account_id
    since = shops.kept_from(session, shop_id)
    assert (guests.count(session, shop_id, since), guests.of_shop(session, shop_id, since=since)[0]) == (
        0,
        [],
    )
    assert len(guests.knowing(session, account_id)[0]) == 1, "what is kept of a guest, that guest still reads"
    terms = make_terms(session, going.shop, price=5000)
    held = orders.passes_of(session, make_paid_order(session, terms, "guest", key="with-the-heir").id)[0]
    used(session, shop_id, held.id, heir)
    guest_rules.reckon(session, shop_id=shop_id, account_id=account_id)
    (met,) = guests.of_shop(session, shop_id, since=since)[0]
    assert (met.uses, met.spent) == (1, 5000)
    assert guests.first_at(session, met.guest, since) == clock.now()
    found = results.history(session, shop_id=shop_id, offer_id=terms.offer_id)
    assert [use.pass_id for use in found.uses] == [held.id]


def test_what_is_owed_to_the_former_owner_is_no_figure_of_the_next(
    session: Session, handed: tuple[Leaver, int]
) -> None:
    going, heir = handed
    shop_id, since = going.shop.id, shops.kept_from(session, going.shop.id)
    assert parcel.sums(session, shop_id, None)["shop_payable", "CNY"] == -3800
    assert leaving.stakes(session, shop_id, "CNY").owed == 0
    held = orders.passes_of(session, make_paid_order(session, make_terms(session, going.shop), "other").id)[0]
    used(session, shop_id, held.id, heir)
    assert leaving.stakes(session, shop_id, "CNY").owed == 3800
    assert parcel.sums(session, shop_id, since)["shop_pending", "CNY"] == -3800


def test_money_that_moves_late_stays_whose_it_was(session: Session) -> None:
    """A use of the last minute becomes final after the closing: nothing of it is the next owner's."""
    going = Leaver(session)
    going.announce(days=1)
    again(session)
    began = clock.now()
    with travel(began + DAY - timedelta(minutes=1), tick=False):
        begin_write(session)
        used(session, going.shop.id, going.pass_.id, going.staff)
        again(session)
    with travel(began + DAY, tick=False):
        work(session)
        since = shops.kept_from(session, going.shop.id)
        assert since == clock.now()
    with travel(began + 5 * DAY, tick=False):
        session.rollback()
        redemption.finalise(session)
        assert parcel.sums(session, going.shop.id, None)["shop_payable", "CNY"] == -3800
        assert parcel.sums(session, going.shop.id, since) == {}


def test_posters_and_tills_of_before_are_nobodys_here(session: Session, handed: tuple[Leaver, int]) -> None:
    going, heir = handed
    shop_id, poster = going.shop.id, going.poster  # type: ignore[attr-defined]
    assert checkin.posters_of(session, shop_id) == []
    with pytest.raises(NotAllowed):
        checkin.shop_poster(session, shop_id=shop_id, poster_id=poster.id)
    assert tills.tills_of(session, shop_id) == []
    mine = make_poster(session, session.get_one(Shop, shop_id))
    make_visit(session, mine, "guest")
    assert [line.poster.id for line in checkin.posters_of(session, shop_id)] == [mine.id]
    assert heir


def test_whoever_comes_back_finds_their_own_business(session: Session, handed: tuple[Leaver, int]) -> None:
    """Who owned it before owns it again, beside whom they like: it is in their hands as it was."""
    going, heir = handed
    shop_rules.make_owner(session, shop_id=going.shop.id, account_id=going.owner)
    assert heir != going.owner
    assert shops.kept_from(session, going.shop.id) is None
    assert [row.offer.id for row in offers.offers_of(session, going.shop.id)] == [going.terms.offer_id]


def seeded(session: Session) -> dict[str, Any]:
    """Make the matrix's shop, and beside what it has: a dear offer with a plan, sold and used, a draft, a poster."""
    things = build_world(session)["A"]
    begin_write(session)
    shop_id, owner = things["shop"], make_account(session, "owner").id
    session.get_one(Shop, shop_id).osm_id = "node/7"
    dear = Draft(
        title="CANARY-OFFER",
        contents=(Part("CANARY-PART", 1, SECRET_PRICE),),
        price=SECRET_PRICE,
        valid_days=30,
    )
    costs = Costs(cost=5, fixed=SECRET_COST, regulars=7, is_meant=True)
    offer = designer.publish(session, shop_id=shop_id, draft=dear, costs=costs)
    draft = Draft(title="CANARY-DRAFT", contents=(Part("x", 1, 2),), price=1, valid_days=30)
    designer.prepare(session, shop_id=shop_id, draft=draft, costs=costs)
    shop = session.get_one(Shop, shop_id)
    order = make_paid_order(session, session.get_one(Terms, offer.terms_id), "guest", key="canary")
    used(session, shop_id, orders.passes_of(session, order.id)[0].id, owner)
    make_poster(session, shop, "CANARY-POSTER")
    things["offer"] = offer.id
    for intent in session.scalars(select(Intent).where(Intent.provider != "sandbox")):
        open_at_bank(session, intent)
    session.commit()
    return things


def walked(
    app: Flask, visitor: Visitor, things: dict[str, Any], *, carries: bool = True
) -> tuple[list[str], set[str]]:
    """Open every page of a shop's desk, and its file; return which pages were there, and every secret that was seen."""
    there, seen = [], set()
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.rule.startswith("/console/<int:shop>") and "GET" in (rule.methods or ()):
            answer = visitor.get(address(app, rule, {"A": things}, "A"))
            assert answer.status_code in (200, 303, 404, 409, 410), (rule.rule, answer.status_code)
            there += [rule.endpoint] if answer.status_code == 200 else []
            seen |= {f"{rule.endpoint}: {word}" for word in CANARY.findall(answer.get_data(as_text=True))}
    for show in ("apart", "no", "lines"):
        page = visitor.get(f"/console/{things['shop']}/reviews?show={show}").get_data(as_text=True)
        seen |= {f"reviews {show}: {word}" for word in CANARY.findall(page)}
    page = visitor.get(f"/till?shop={things['shop']}").get_data(as_text=True)
    seen |= {f"till: {word}" for word in CANARY.findall(page)}
    if not carries:
        return there, seen
    file = visitor.post(f"/console/{things['shop']}/export")
    assert file.status_code == 200
    with zipfile.ZipFile(io.BytesIO(file.data)) as box:
        for name in box.namelist():
            seen |= {f"{name}: {word}" for word in CANARY.findall(box.read(name).decode("utf-8", "replace"))}
    return there, seen


def come_in(app: Flask, handle: str) -> Visitor:
    found = Visitor(app, app.response_class)
    found.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    found.sign_in(handle)
    return found


def test_the_next_owner_walks_every_page_and_reads_no_secret(app: Flask, session: Session) -> None:
    """The control comes first: the former owner, before the closing, reads each of these words somewhere."""
    things, began = seeded(session), clock.now()
    there, seen = walked(app, come_in(app, "owner"), things)
    known = {one.split(": ")[1] for one in seen}
    assert {"CANARY-OFFER", "CANARY-DRAFT", "CANARY-POSTER", "CANARY-PART", "7,777.77", "99.97"} <= known
    assert {f"CANARY-{word}-A" for word in ("STAFF", "MISSING", "LINE", "TILL", "GUEST", "PAPER")} <= known
    assert {"results.results", "conflicts_console.conflict", "guests_console.guest_card"} <= set(there)
    begin_write(session)
    owner = make_account(session, "owner").id
    rules.announce(session, shop_id=things["shop"], account_id=owner, days=1, now=clock.now())
    session.commit()
    with travel(began + 5 * DAY, tick=False):
        work(session)
        session.rollback()
        begin_write(session)
        heir = make_account(session, "heir").id
        onboarding.claim(session, shop_id=things["shop"], account_id=heir, now=clock.now())
        session.commit()
        there, seen = walked(app, come_in(app, "heir"), things, carries=False)
        assert seen == set()
        assert "papers_console.admission" in there, "who prepares a shop has a desk too"
    with travel(began + 6 * DAY, tick=False):
        begin_write(session)
        assert taken_over(session, things["shop"]) == heir
        session.commit()
        there, seen = walked(app, come_in(app, "heir"), things)
        assert seen == set()
        assert not {"results.results", "conflicts_console.conflict", "guests_console.guest_card"} & set(there)
        assert len(there) > 25, there
        page = come_in(app, "heir").get(f"/console/{things['shop']}/reviews").get_data(as_text=True)
        assert "Good noodles" in page, "what guests said in public stays"
