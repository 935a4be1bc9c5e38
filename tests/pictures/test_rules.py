"""A shop's pictures: their order, their end, who sees them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.photos import queries as photos
from o2o.photos.models import Photo
from o2o.photos.rules import Prepared
from o2o.pictures import queries, rules
from o2o.pictures.models import Picture
from o2o.shops.models import Shop
from tests.factories import make_account, make_shop

READY = Prepared(b"large", b"small", 1600, 1200, "0" * 64)


def add(session: Session, shop: Shop, caption: str = "") -> Picture:
    owner = make_account(session, "owner")
    given = {"shop_id": shop.id, "account_id": owner.id, "prepared": READY, "caption": caption}
    return rules.add(session, **given, now=clock.now())


def captions(session: Session, shop: Shop) -> list[str]:
    return [one.caption for one in queries.of_shop(session, shop.id)]


@pytest.fixture
def shop(session: Session) -> Shop:
    return make_shop(session)


def test_they_stand_in_the_order_they_came(session: Session, shop: Shop) -> None:
    for caption in ("door", " the \n counter ", ""):
        add(session, shop, caption)
    shown = queries.of_shop(session, shop.id)
    assert [(one.caption, one.position) for one in shown] == [("door", 1), ("the counter", 2), ("", 3)]
    assert queries.covers(session, [shop.id, 987]) == {shop.id: shown[0].photo.id}


@pytest.mark.parametrize(
    ("number", "way", "wanted"),
    [(0, "up", "abc"), (1, "up", "bac"), (2, "cover", "cab"), (0, "down", "bac"), (2, "down", "abc")],
)
def test_moving(session: Session, shop: Shop, number: int, way: rules.Way, wanted: str) -> None:
    ids = [add(session, shop, caption).id for caption in "abc"]
    rules.move(session, shop_id=shop.id, picture_id=ids[number], way=way)
    assert "".join(captions(session, shop)) == wanted
    assert [one.position for one in queries.of_shop(session, shop.id)] == [1, 2, 3]


def test_dropping_takes_the_photo_along(session: Session, shop: Shop) -> None:
    first, second = add(session, shop, "a").id, add(session, shop, "b").id
    rules.drop(session, shop_id=shop.id, picture_id=first)
    assert captions(session, shop) == ["b"]
    assert queries.of_shop(session, shop.id)[0].position == 1
    assert session.scalar(select(func.count()).select_from(Photo)) == 1
    with pytest.raises(NotAllowed):
        rules.drop(session, shop_id=shop.id, picture_id=first)
    assert rules.clear(session, shop_id=shop.id) == 1
    assert rules.clear(session, shop_id=shop.id) == 0
    assert session.get(Picture, second) is None
    assert session.scalar(select(func.count()).select_from(Photo)) == 0


def test_twelve_are_enough(session: Session, shop: Shop) -> None:
    for _ in range(rules.MOST):
        add(session, shop)
    with pytest.raises(RuleBroken, match="too_many_pictures") as refusal:
        add(session, shop)
    assert (refusal.value.status, refusal.value.params["field"]) == (422, "photos")
    assert session.scalar(select(func.count()).select_from(Photo)) == rules.MOST


def test_words_have_a_length(session: Session, shop: Shop) -> None:
    row = add(session, shop, "长" * rules.LONGEST)
    for caption in ("长" * (rules.LONGEST + 1), "x" * 1000):
        with pytest.raises(RuleBroken, match="too_long"):
            rules.describe(session, shop_id=shop.id, picture_id=row.id, caption=caption)
        with pytest.raises(RuleBroken, match="too_long"):
            add(session, shop, caption)
    rules.describe(session, shop_id=shop.id, picture_id=row.id, caption=" ")
    assert captions(session, shop) == [""]


def test_another_shops_picture_is_not_there(session: Session, shop: Shop) -> None:
    row, other = add(session, shop, "a"), make_shop(session, "别家")
    for act in (
        lambda: rules.describe(session, shop_id=other.id, picture_id=row.id, caption="x"),
        lambda: rules.move(session, shop_id=other.id, picture_id=row.id, way="cover"),
        lambda: rules.drop(session, shop_id=other.id, picture_id=row.id),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert rules.clear(session, shop_id=other.id) == 0
    assert captions(session, shop) == ["a"]


@pytest.mark.parametrize("status", ["proposed", "unclaimed", "claimed", "delisted"])
def test_public_when_the_shop_is_claimed(session: Session, shop: Shop, status: str) -> None:
    photo_id = add(session, shop).photo_id
    sender = make_account(session, "owner").id
    shop.status = status
    session.flush()
    is_claimed = status == "claimed"
    assert bool(queries.covers(session, [shop.id])) == is_claimed
    who = {"account_id": sender, "is_operator": False}
    assert photos.visible(session, photo_id=photo_id, **who)[1] == is_claimed
    if not is_claimed:
        with pytest.raises(NotAllowed):
            photos.visible(session, photo_id=photo_id, account_id=None, is_operator=False)


def test_what_a_shop_shows_is_not_swept(session: Session, shop: Shop) -> None:
    add(session, shop)
    assert photos.unused(session, before=clock.now(), most=9) == []


STEPS = st.lists(
    st.tuples(st.sampled_from(("add", "up", "down", "cover", "drop")), st.integers(0, 12)), max_size=25
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_moves_leave_the_order_a_list_would_have(
    session: Session, steps: list[tuple[rules.Way, int]]
) -> None:
    shop = make_shop(session)
    wanted: list[int] = []
    for way, number in steps:
        if way == "add" and len(wanted) < rules.MOST:
            wanted.append(add(session, shop).id)
        elif wanted and way != "add":
            number %= len(wanted)
            chosen = wanted[number]
            if way == "drop":
                rules.drop(session, shop_id=shop.id, picture_id=chosen)
            else:
                rules.move(session, shop_id=shop.id, picture_id=chosen, way=way)
            wanted.remove(chosen)
            there = {"up": max(0, number - 1), "down": number + 1, "cover": 0}
            if way != "drop":
                wanted.insert(there[way], chosen)
    shown = queries.of_shop(session, shop.id)
    assert [one.id for one in shown] == wanted
    assert [one.position for one in shown] == list(range(1, len(wanted) + 1))
