"""The log as the owner and the operator read it: who, what, on what, when; found again; never another shop's."""

import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from o2o.accounts import registry
from o2o.acts import hook
from o2o.acts.models import Act
from o2o.acts.queries import SHOWN
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.shops.models import Role, Shop
from tests.counting import counting
from tests.factories import make_account, make_role, make_shop
from tests.visitor import Visitor, visitor


@pytest.fixture
def shop_id(app: Flask) -> int:
    """Give a shop with an owner, a manager and staff, and another shop with an act of its own."""
    begin_write()
    shop, other = make_shop(db.session), make_shop(db.session, "隔壁")
    make_role(db.session, shop, "owner", "owner", name="王姐")
    make_role(db.session, shop, "manager", "manager", name="阿强")
    make_role(db.session, shop, "staff", name="小李")
    make_role(db.session, other, "other_owner", "owner", name="CANARY")
    made, there = shop.id, other.id
    db.session.commit()
    write("other_owner", there, "offers_console.end", subject={"offer": 47110815})
    return made


def write(handle: str | None, shop_id: int | None, verb: str, role: str = "owner", **more: Any) -> None:
    begin_write()
    account_id = make_account(db.session, handle).id if handle else None
    given = {"subject": {}, "detail": {}, **more}
    at = given.pop("at", clock.now())
    act = hook.act(account_id=account_id, role=role, shop_id=shop_id, verb=verb, **given)
    act.at = at
    db.session.add(act)
    db.session.commit()


def read(client: Visitor, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_owner_reads_who_did_what_to_what(app: Flask, shop_id: int) -> None:
    owner = visitor(app, "owner")
    empty = read(owner, f"/console/{shop_id}/acts")
    assert "Nothing here" in empty
    write("staff", shop_id, "redemption.redeem", "staff", detail={"redemption": "a" * 16, "uses": 2})
    write("owner", shop_id, "offers_console.pause", subject={"offer": 17})
    write("operator", shop_id, "shops_operator.give", "operator")
    write(None, shop_id, "keys.rotate", "shell", detail={"kid": 2})
    page = read(owner, f"/console/{shop_id}/acts")
    for words in (
        "小李",
        "Redeemed a pass",
        f'href="/till/redemptions/{"a" * 16}"',
        "uses: 2",
        "王姐",
        "Staff",
    ):
        assert words in page
    assert f'href="/console/{shop_id}/offers/17"' in page
    assert (
        page.index("The server itself") < page.index("The platform") < page.index("王姐") < page.index("小李")
    )
    for canary in ("CANARY", "47110815", "Ended an offer", ">operator<"):
        assert canary not in page


def test_a_next_owner_reads_nothing_of_the_one_before(app: Flask, shop_id: int) -> None:
    """Handed on without a day between, the log goes along; after a closing it begins anew."""
    began = clock.now()

    def owner(handle: str, start: int, end: int | None) -> None:
        begin_write()
        row = make_role(db.session, db.session.get_one(Shop, shop_id), handle, "owner")
        row.created_at = began + timedelta(days=start)
        row.ended_at = began + timedelta(days=end) if end is not None else None
        db.session.commit()

    begin_write()
    db.session.execute(update(Role).where(Role.kind == "owner").values(ended_at=began + timedelta(days=10)))
    db.session.commit()
    owner("partner", 5, 20)
    owner("heir", 15, 30)
    owner("stranger", 40, None)
    for day, number in ((1, 101), (12, 112), (29, 129), (35, 135), (41, 141)):
        at = began + timedelta(days=day)
        write("partner", shop_id, "offers_console.end", subject={"offer": number}, at=at)
    stranger = read(visitor(app, "stranger"), f"/console/{shop_id}/acts")
    assert re.findall(r"/offers/(1\d\d)\"", stranger) == ["141", "135"]
    begin_write()
    db.session.execute(update(Role).where(Role.ended_at == began + timedelta(days=30)).values(ended_at=None))
    db.session.commit()
    heir = read(visitor(app, "heir"), f"/console/{shop_id}/acts")
    assert re.findall(r"/offers/(1\d\d)\"", heir) == ["141", "135", "129", "112", "101"]


@pytest.mark.parametrize("handle", ["manager", "staff", "other_owner", "guest"])
def test_only_the_owner_reads_the_log(app: Flask, shop_id: int, handle: str) -> None:
    assert visitor(app, handle).get(f"/console/{shop_id}/acts").status_code == 404


def test_the_operator_reads_all_of_it(app: Flask, shop_id: int) -> None:
    operator = visitor(app, "operator")
    write("staff", shop_id, "redemption.redeem", "staff")
    write("operator", None, "guides_operator.create", "operator", subject={"guide_id": 3})
    operator = visitor(app, "operator")
    page = read(operator, "/operator/acts")
    for words in (
        "CANARY",
        "小李",
        "operator",
        "Began a guide",
        "/operator/guides/3",
        "隔壁",
        "/offers/47110815",
    ):
        assert words in page
    assert visitor(app, "owner").get("/operator/acts").status_code == 404
    assert "小李" not in read(operator, "/operator/acts?shop=隔壁")
    assert "CANARY" not in read(operator, f"/operator/acts?shop={shop_id}")
    assert "CANARY" in read(operator, "/operator/acts?who=other_owner")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("who=小李", "Redeemed a pass"),
        ("who=%23{staff}", "Redeemed a pass"),
        ("who={staff}", "Redeemed a pass"),
        ("what=redeemed", "Redeemed a pass"),
        ("what=PAUSED", "Paused an offer"),
        ("who=server", "signing key"),
        ("since=2026-03-02&until=2026-03-02", "Redeemed a pass"),
        ("until=2026-03-01", "Paused an offer"),
        ("since=2026-03-03", "signing key"),
        ("who=nobody", None),
        ("what=%25", None),
        ("who=小李&what=paused", None),
        ("who=CANARY", None),
        ("since=2026-03-02&until=2026-03-01", None),
    ],
)
def test_acts_are_found_again(
    app: Flask, shop_id: int, query: str, found: str | None, time_machine: Any
) -> None:
    time_machine.move_to("2026-03-05T04:00:00Z", tick=False)
    # 01:30 of the second day at the shop is still the first day in UTC.
    day = clock.now().replace(day=1, hour=17, minute=30)
    write("owner", shop_id, "offers_console.pause", at=day - timedelta(hours=2))
    write("staff", shop_id, "redemption.redeem", "staff", at=day)
    write(None, shop_id, "keys.rotate", "shell", at=day + timedelta(days=1))
    begin_write()
    staff = make_account(db.session, "staff").id
    page = read(visitor(app, "owner"), f"/console/{shop_id}/acts?" + query.format(staff=staff))
    for words in ("Redeemed a pass", "Paused an offer", "signing key"):
        assert (words in page) == (words == found), words


def test_words_are_found_in_the_readers_language(app: Flask, shop_id: int) -> None:
    write("staff", shop_id, "redemption.redeem", "staff")
    owner = visitor(app, "owner")
    assert "小李" in read(owner, f"/console/{shop_id}/acts?what=Redeemed")
    answer = owner.get(f"/console/{shop_id}/acts?what=不会有的", headers={"Accept-Language": "zh-CN"})
    assert "小李" not in answer.get_data(as_text=True)


def test_details_are_words_and_old_acts_have_their_year(app: Flask, shop_id: int) -> None:
    detail = {"do": "approve", "before": "ready_for_review", "redemption": "a" * 16}
    long_ago = clock.now().replace(year=2021, month=3, day=4, hour=4)
    write("operator", shop_id, "admission_operator.decide", "operator", detail=detail, at=long_ago)
    write("owner", shop_id, "branches_console.move", subject={"shared_id": 3, "what": "pause"})
    page = read(visitor(app, "owner"), f"/console/{shop_id}/acts")
    for words in ("approved · before: waits for the platform", "Mar 4, 2021", "<small>paused</small>"):
        assert words in page
    for raw in ("ready_for_review", "do approve", "shared_id"):
        assert raw not in page
    # What was done this year says no year.
    assert re.search(r"<time[^>]*>\w+ \d+ \d\d:\d\d</time>", page)


def test_who_has_no_name_is_you_or_a_number(app: Flask, shop_id: int) -> None:
    begin_write()
    shop = db.session.get_one(Shop, shop_id)
    for handle in ("nameless", "other_nameless"):
        make_role(db.session, shop, handle, "owner")
    other = make_account(db.session, "other_nameless").id
    db.session.commit()
    for handle in ("nameless", "other_nameless"):
        write(handle, shop_id, "offers_console.pause")
    page = read(visitor(app, "nameless"), f"/console/{shop_id}/acts")
    assert [page.count(f"<small>{who} · Owner") for who in ("You", f"#{other}")] == [1, 1]
    # The server is named once: it has no role beside its name.
    write(None, shop_id, "keys.rotate", "shell", detail={"kid": 2})
    assert "<small>The server itself</small>" in read(visitor(app, "nameless"), f"/console/{shop_id}/acts")


def test_a_thing_that_is_named_only_is_left_out(app: Flask, shop_id: int) -> None:
    write("owner", shop_id, "guests_console.add_note", subject={"guest": "a" * 16})
    link = f'<a href="/console/{shop_id}/guests/{"a" * 16}">Guest</a>'
    assert link in read(visitor(app, "owner"), f"/console/{shop_id}/acts")
    page = read(visitor(app, "operator"), "/operator/acts")
    assert "Noted something about a guest" in page
    assert not re.search(r"Guest\s", page)


def test_who_was_erased_is_a_number(app: Flask, shop_id: int) -> None:
    write("staff", shop_id, "redemption.redeem", "staff")
    begin_write()
    staff = make_account(db.session, "staff").id
    registry.erase(db.session, account_id=staff)
    db.session.commit()
    for handle, path in (("owner", f"/console/{shop_id}/acts"), ("operator", "/operator/acts")):
        page = read(visitor(app, handle), path)
        assert f"former staff #{staff}" in page
        assert "小李" not in page


def test_the_pager_goes_on_where_it_stopped(app: Flask, shop_id: int) -> None:
    begin_write()
    owner_id = make_account(db.session, "owner").id
    rows = [{"account_id": owner_id, "role": "owner", "shop_id": shop_id, "verb": "offers_console.pause"}] * (
        SHOWN + 3
    )
    db.session.add_all(hook.act(**row, subject={"offer": n}, detail={}) for n, row in enumerate(rows, 1))
    db.session.commit()
    owner = visitor(app, "owner")
    first = read(owner, f"/console/{shop_id}/acts?what=paused")
    assert first.count("<li><b>") == SHOWN
    assert 'rel="next"' in first
    last = db.session.query(Act).order_by(Act.id.desc()).offset(SHOWN - 1).first()
    assert last is not None
    second = read(owner, f"/console/{shop_id}/acts?what=paused&before={last.id}")
    assert second.count("<li><b>") == 3
    assert 'rel="next"' not in second


@pytest.mark.sqlite_only("statements are counted once")
@pytest.mark.parametrize("path", ["/console/{}/acts", "/operator/acts"])
def test_the_log_costs_the_same_however_long(app: Flask, shop_id: int, path: str) -> None:
    client = visitor(app, "owner" if "console" in path else "operator")
    costs = []
    for rows in (1, 50):
        for number in range(rows):
            write(
                ("owner", "staff", "manager")[number % 3],
                shop_id,
                "offers_console.pause",
                subject={"offer": number},
            )
        read(client, path.format(shop_id))
        with counting() as statements:
            read(client, path.format(shop_id))
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 15
    assert len(gzip.compress(read(client, path.format(shop_id)).encode())) <= 12_288


NONSENSE = (
    "before=0",
    "before=x",
    "before=-1",
    "before=" + "9" * 30,
    "since=x",
    "until=2026-02-30",
    "since=0001-01-01",
)


@pytest.mark.parametrize("query", [*NONSENSE, "who=" + "x" * 61])
def test_a_search_that_makes_no_sense_is_told(app: Flask, shop_id: int, query: str) -> None:
    assert visitor(app, "owner").get(f"/console/{shop_id}/acts?{query}").status_code == 400
