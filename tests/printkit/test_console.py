"""What a shop prints: chosen, made once, and leading where it says."""

import gzip
import re
from datetime import timedelta

import pytest
import segno
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.checkin import rules as checkin
from o2o.checkin.models import Poster
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.offers import rules as offers
from o2o.printkit import rules
from o2o.shops.models import Shop
from tests.counting import counting
from tests.factories import make_poster, make_role, make_shop, make_terms

LABELS = {number: f"Table {number}" for number in range(1, rules.MOST_TABLES + 1)}
KNOWN = {label: number for number, label in LABELS.items()} | {"3号桌": 3}


def make(session: Session, shop: Shop, count: int) -> int:
    given = {"shop_id": shop.id, "count": count, "labels": LABELS, "known": KNOWN}
    return rules.make_tables(session, **given, now=clock.now())


def labels(session: Session) -> list[str]:
    return list(session.scalars(select(Poster.label).where(Poster.ended_at.is_(None)).order_by(Poster.id)))


def test_only_tables_without_a_code_get_one(session: Session) -> None:
    shop = make_shop(session)
    make_poster(session, shop, "3号桌")
    make_poster(session, make_shop(session, "别家"), "Table 1")
    assert make(session, shop, 4) == 3
    assert labels(session) == ["3号桌", "Table 1", "Table 1", "Table 2", "Table 4"]
    assert make(session, shop, 4) == 0
    first = session.scalars(select(Poster).where(Poster.shop_id == shop.id, Poster.label == "Table 1")).one()
    checkin.end(session, shop_id=shop.id, poster_id=first.id, now=clock.now())
    assert make(session, shop, 2) == 1


@pytest.mark.parametrize("count", [0, -1, rules.MOST_TABLES + 1])
def test_so_many_tables_there_are_not(session: Session, count: int) -> None:
    shop = make_shop(session)
    with pytest.raises(RuleBroken, match="bad_count"):
        make(session, shop, count)
    assert labels(session) == []


@pytest.fixture
def shop(client: FlaskClient) -> int:
    begin_write()
    row = make_shop(db.session, "小满 <咖啡>")
    for who in ("owner", "manager", "staff", "claimant"):
        make_role(db.session, row, who, who)
    make_poster(db.session, row, "Door")
    shop_id = row.id
    db.session.commit()
    client.sign_in("owner")  # type: ignore[attr-defined]
    return shop_id


def make_own_offer(shop: int) -> int:
    begin_write()
    terms = make_terms(db.session, db.session.get_one(Shop, shop))
    offer_id = terms.offer_id
    db.session.commit()
    return offer_id


def posters(shop: int) -> dict[str, Poster]:
    db.session.rollback()
    return {row.label: row for row in db.session.scalars(select(Poster).where(Poster.shop_id == shop))}


def modules(address: str) -> str:
    return segno.make(address, error="m", micro=False).svg_inline(
        border=4, omitsize=True, svgclass=None, lineclass=None
    )


def path_of(drawing: str) -> str:
    return re.findall(r' d="([^"]+)"', drawing)[0]


def test_tables_are_made_by_a_press_alone(client: FlaskClient, shop: int) -> None:
    for page in ("print", "print/tables", "print/shop"):
        assert client.get(f"/console/{shop}/{page}").status_code == 200
    assert list(posters(shop)) == ["Door"]
    for _ in range(2):
        answer = client.post(f"/console/{shop}/print/tables", data={"count": "9", "idempotency_key": "k"})
        assert (answer.status_code, answer.location) == (303, f"/console/{shop}/print#tables")
    made = posters(shop)
    assert len(made) == 10
    body = client.get(f"/console/{shop}/print/tables").text
    assert body.count('class="tents"') == 2
    assert body.count('class="tent"') == 9
    assert [int(n) for n in re.findall(r'aria-label="Table (\d+)"', body)] == list(range(1, 10))
    assert "小满 &lt;咖啡&gt;" in body
    code = made["Table 7"]
    assert f"localhost/c/{code.code}" in body
    drawing = client.get(f"/console/{shop}/print/codes/{code.id}.svg")
    assert drawing.mimetype == "image/svg+xml"
    assert 'xmlns="http://www.w3.org/2000/svg"' in drawing.text
    assert path_of(drawing.text) == path_of(modules(f"http://localhost/c/{code.code}"))
    assert client.get(f"/c/{code.code}").status_code == 200


def test_the_kit_offers_what_is_true_today(client: FlaskClient, shop: int) -> None:
    begin_write()
    row = db.session.get_one(Shop, shop)
    selling, paused = make_terms(db.session, row), make_terms(db.session, row, title="Paused")
    offers.pause(db.session, offer_id=paused.offer_id)
    db.session.commit()
    body = client.get(f"/console/{shop}/print").text
    door = posters(shop)["Door"].id
    assert f"/console/{shop}/posters/{door}/print?size=a4" in body
    assert f"/console/{shop}/print/offers/{selling.offer_id}" in body
    assert f"/print/offers/{paused.offer_id}" not in body
    card = client.get(f"/console/{shop}/print/offers/{selling.offer_id}").text
    assert modules(f"http://localhost/offers/{selling.offer_id}") in card
    for said in (
        "双人手冲咖啡",
        "¥38",
        "<s>¥50</s>",
        "Scan to buy it",
        f"localhost/offers/{selling.offer_id}",
    ):
        assert said in card, said
    assert client.get(f"/offers/{selling.offer_id}").status_code == 200
    assert client.get(f"/console/{shop}/print/offers/{paused.offer_id}").status_code == 409
    begin_write()
    row.status = "delisted"
    db.session.commit()
    assert "these codes lead nowhere" in client.get(f"/console/{shop}/print").text


def test_cards_to_cut_out_sell_one_offer(client: FlaskClient, shop: int) -> None:
    begin_write()
    row = db.session.get_one(Shop, shop)
    selling = make_terms(db.session, row, title="双人 <手冲>", weekdays=0b001_1111, per_person=2)
    paused = make_terms(db.session, row, title="Paused")
    offers.pause(db.session, offer_id=paused.offer_id)
    db.session.commit()
    address = f"/console/{shop}/print/offers/{selling.offer_id}/cards"
    assert address in client.get(f"/console/{shop}/print").text
    body = client.get(address).text
    assert body.count('class="sticker cut"') == 8
    assert body.count('aria-hidden="true"><div') == 0
    assert body.count(modules(f"http://localhost/offers/{selling.offer_id}")) == 8
    for said in ("双人 &lt;手冲&gt;", "¥38", "<s>¥50</s>", "小满 &lt;咖啡&gt;", "Scan to buy it"):
        assert body.count(said) >= 8, said
    english, chinese = re.findall(r'<p class="face-other" lang="([\w-]+)">([^<]*)</p>', body)[:2]
    assert (english[0], chinese[0]) == ("en", "zh-Hans")
    assert "Mon–Fri" in english[1]
    assert "At most 2 per person" in english[1]
    assert "周一至周五" in chinese[1]
    assert f"localhost/offers/{selling.offer_id}" in body
    assert len(gzip.compress(body.encode())) <= 12 * 1024
    for offer, status in ((paused.offer_id, 409), (987654, 404), ("x", 404), (2**40, 404)):
        assert client.get(f"/console/{shop}/print/offers/{offer}/cards").status_code == status


def test_offers_of_the_kit_are_read_at_once(client: FlaskClient, shop: int) -> None:
    seen: dict[str, set[int]] = {"": set(), "/offers/1/cards": set(), "/offers/1": set()}
    for count in (1, 11):
        begin_write()
        row = db.session.get_one(Shop, shop)
        for number in range(count):
            make_terms(db.session, row, title=f"Offer {count} {number}")
        db.session.commit()
        for page, counts in seen.items():
            client.get(f"/console/{shop}/offers")
            with counting() as statements:
                assert client.get(f"/console/{shop}/print{page}").status_code == 200
            counts.add(len(statements))
    assert all(len(counts) == 1 and max(counts) <= 15 for counts in seen.values()), seen


def test_every_line_is_said_in_both_languages(client: FlaskClient, shop: int) -> None:
    body = client.get(f"/console/{shop}/print/shop").text
    assert re.findall(r'<p class="[\w-]+" lang="([\w-]+)">', body) == ["en", "zh-Hans"] * 2
    assert modules(f"http://localhost/shops/{shop}") in body
    chinese = client.get(f"/console/{shop}/print/shop", headers={"Accept-Language": "zh-CN"}).text
    assert re.findall(r'<p class="[\w-]+" lang="([\w-]+)">', chinese) == ["zh-Hans", "en"] * 2


@pytest.mark.parametrize(
    ("count", "english"),
    [
        ("", "Give a whole number."),
        ("0", "from 1 to 60"),
        ("61", "from 1 to 60"),
        ("many", "Give a whole number."),
    ],
)
def test_bad_input(client: FlaskClient, shop: int, count: str, english: str) -> None:
    answer = client.post(f"/console/{shop}/print/tables", data={"count": count})
    assert (answer.status_code, english in answer.text) == (422, True)
    assert list(posters(shop)) == ["Door"]


def test_who_may_and_of_which_shop(client: FlaskClient, shop: int) -> None:
    begin_write()
    other = make_shop(db.session, "别家")
    foreign, terms = make_poster(db.session, other), make_terms(db.session, other)
    ended = make_poster(db.session, db.session.get_one(Shop, shop), "Old")
    checkin.end(db.session, shop_id=shop, poster_id=ended.id, now=clock.now() + timedelta(seconds=1))
    db.session.commit()
    foreign_offer = f"offers/{terms.offer_id}"
    for address in (
        f"codes/{foreign.id}.svg",
        f"codes/{ended.id}.svg",
        foreign_offer,
        f"{foreign_offer}/cards",
    ):
        assert client.get(f"/console/{shop}/print/{address}").status_code == 404
    door = posters(shop)["Door"].id
    own = make_own_offer(shop)
    pages = ("", "/tables", "/shop", f"/codes/{door}.svg", f"/offers/{own}", f"/offers/{own}/cards")
    for who, status in (("manager", 200), ("staff", 404), ("claimant", 404), ("guest", 404)):
        client.sign_in(who)  # type: ignore[attr-defined]
        assert {client.get(f"/console/{shop}/print{page}").status_code for page in pages} == {status}
        answer = client.post(f"/console/{shop}/print/tables", data={"count": "1"})
        assert answer.status_code == (303 if status == 200 else 404)
    assert db.session.scalar(select(func.count()).select_from(Poster).where(Poster.shop_id == shop)) == 3


def test_sixty_tables_are_light(client: FlaskClient, shop: int) -> None:
    sizes: dict[str, set[int]] = {"": set(), "/tables": set()}
    for count in (1, 60):
        client.post(f"/console/{shop}/print/tables", data={"count": str(count)})
        for page, seen in sizes.items():
            client.get(f"/console/{shop}/offers")
            with counting() as statements:
                body = client.get(f"/console/{shop}/print{page}").data
            seen.add(len(statements))
            assert len(gzip.compress(body)) <= 12 * 1024
    assert all(len(seen) == 1 and max(seen) <= 15 for seen in sizes.values()), sizes
