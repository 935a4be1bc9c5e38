"""The town, its listings, their owners, and when shops are open."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.geo import zkey
from o2o.kernel.journal import Fact
from o2o.osm.place import Place
from o2o.places.zones import zone_at
from o2o.shops import queries, rules
from o2o.shops.models import Invite, Role, Shop
from tests.factories import make_account, make_role, make_shop, make_town

MONDAY = "2026-03-02T04:00:00Z"  # 12:00 in the town


def place(**values: object) -> Place:
    given: dict[str, object] = {
        "osm_id": "node/1", "name": "麦当劳", "name_zh": None, "name_en": "McDonald's", "category": "amenity/fast_food",
        "tag": "amenity=fast_food", "lat": 39.99, "lng": 116.33, "address": None, "phone": None, "website": None,
        "opening_hours": "Mo-Su 08:00-22:00", "wheelchair": None, "brand": "McDonald's", "brand_zh": None,
        "brand_en": None, "words": ("汉堡", "burger"), "tag_count": 5,
    }  # fmt: skip
    return Place(**{**given, **values})


def test_the_town_finds_its_zone_country_and_currency(session: Session) -> None:
    town = rules.found_town(session, name_zh="赫尔辛基", name_en="Helsinki", lat=60.17, lng=24.94)
    assert (town.timezone, town.country, town.currency) == ("Europe/Helsinki", "FI", "EUR")
    found = queries.founded(session)
    assert (found.name("zh_Hans"), found.name("en"), found.zone.key) == (
        "赫尔辛基",
        "Helsinki",
        "Europe/Helsinki",
    )
    with pytest.raises(RuleBroken, match="town_there"):
        rules.found_town(session, name_zh="x", name_en="x", lat=0, lng=0)


@pytest.mark.parametrize(
    ("lat", "lng", "given", "found"),
    [
        (39.99, 116.33, {}, ("Asia/Shanghai", "CN", "CNY")),
        (22.57, 88.36, {}, ("Asia/Kolkata", "IN", "INR")),
        (-34.6, -58.4, {}, ("America/Argentina/Buenos_Aires", "AR", "ARS")),
        (39.99, 116.33, {"currency": "usd", "country": "hk"}, ("Asia/Shanghai", "HK", "USD")),
        (0.0, -150.0, {}, "timezone"),
        (39.99, 116.33, {"timezone": "Mars/Olympus"}, "timezone"),
        (39.99, 116.33, {"country": "ZZZ"}, "country"),
        (39.99, 116.33, {"currency": "QQQ"}, "currency"),
    ],
)
def test_zones(lat: float, lng: float, given: dict, found: tuple | str) -> None:
    if isinstance(found, tuple):
        assert zone_at(lat, lng, **given) == found
        return
    with pytest.raises(BadInput) as refusal:
        zone_at(lat, lng, **given)
    assert refusal.value.code == found


def test_a_listing_follows_its_source_until_it_is_claimed(session: Session) -> None:
    make_town(session)
    with time_machine.travel(MONDAY, tick=False):
        shop = rules.add_listing(session, place=place())
    assert (shop.status, shop.hours, shop.words, shop.zkey) == (
        "unclaimed", "Mo-Su 08:00-22:00", "汉堡 burger", zkey(39.99, 116.33),
    )  # fmt: skip
    assert (shop.open_from, shop.open_to) == (
        datetime(2026, 3, 2, tzinfo=UTC),
        datetime(2026, 3, 2, 14, tzinfo=UTC),
    )
    assert rules.update_listing(session, shop=shop, place=place()) == "same"
    moved = place(name="麦当劳（五道口）", lat=39.995)
    assert rules.update_listing(session, shop=shop, place=moved) == "updated"
    assert (shop.name, shop.version, shop.zkey) == ("麦当劳（五道口）", 2, zkey(39.995, 116.33))
    rules.make_owner(session, shop_id=shop.id, account_id=make_account(session, "owner").id)
    rules.edit_shop(session, shop_id=shop.id, name="我家的店")
    assert rules.update_listing(session, shop=shop, place=replace(moved, phone="1")) == "kept"
    assert rules.update_listing(session, shop=shop, place=replace(moved, phone="1")) == "same"
    assert (shop.name, shop.phone) == ("我家的店", None)
    assert not rules.mark_gone(session, shop=shop)


def test_what_its_source_lost_is_gone_and_may_come_back(session: Session) -> None:
    make_town(session)
    shop = rules.add_listing(session, place=place())
    assert rules.mark_gone(session, shop=shop)
    with pytest.raises(NotAllowed):
        queries.shop(session, shop.id)
    assert rules.update_listing(session, shop=shop, place=place()) == "updated"
    assert queries.shop(session, shop.id).status == "unclaimed"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"name": "n" * 121}, "too_long"),
        ({"category": "amenity/spaceport"}, "category_unknown"),
        ({"website": "javascript:alert(1)"}, "website_bad"),
        ({"wheelchair": "perhaps"}, "wheelchair_unknown"),
        ({"lat": 91.0}, "lat_range"),
        ({"lng": float("nan")}, "lng_range"),
        ({"hours": "Mo " * 90}, "too_long"),
    ],
)
def test_an_edit_that_cannot_be_names_its_field(session: Session, values: dict, code: str) -> None:
    shop = make_shop(session)
    with pytest.raises(RuleBroken) as refusal:
        rules.edit_shop(session, shop_id=shop.id, **values)
    assert (refusal.value.code, refusal.value.status, refusal.value.params["field"]) == (
        code,
        422,
        next(iter(values)),
    )


def test_an_edit_of_an_old_version_is_refused(session: Session) -> None:
    shop = make_shop(session)
    rules.edit_shop(session, shop_id=shop.id, version=1, name="一")
    with pytest.raises(RuleBroken, match="edited"):
        rules.edit_shop(session, shop_id=shop.id, version=1, name="二")
    assert (shop.name, shop.version) == ("一", 2)
    rules.edit_shop(session, shop_id=shop.id, version=2, name="一")
    assert shop.version == 2  # nothing changed, nothing moved
    with pytest.raises(TypeError):
        rules.edit_shop(session, shop_id=shop.id, status="gone")


def test_open_intervals_follow_edits_and_the_clock(session: Session) -> None:
    with time_machine.travel(MONDAY, tick=False):
        shop = make_shop(session)
        rules.edit_shop(session, shop_id=shop.id, hours="Mo-Su 18:00-02:00")
    assert shop.open_from == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert shop.open_to == datetime(2026, 3, 2, 18, tzinfo=UTC)
    before = datetime(2026, 3, 2, 17, 59, tzinfo=UTC)
    assert rules.refresh_due(session, now=before) == 0
    assert rules.refresh_due(session, now=before + timedelta(minutes=1)) == 1
    assert shop.open_from == datetime(2026, 3, 3, 10, tzinfo=UTC)
    rules.edit_shop(session, shop_id=shop.id, hours="nach Vereinbarung")
    assert (shop.hours, shop.open_from, shop.open_to) == ("nach Vereinbarung", None, None)


def test_an_owners_invitation_claims_the_listing_once(session: Session) -> None:
    shop = make_shop(session, status="unclaimed")
    owner, thief = make_account(session, "owner"), make_account(session, "thief")
    token = rules.invite(session, shop_id=shop.id, kind="owner")
    assert token not in str(session.scalars(select(Invite.digest)).all())
    role = rules.accept_invite(session, token=token, account_id=owner.id)
    assert (role.kind, shop.status) == ("owner", "claimed")
    assert rules.accept_invite(session, token=token, account_id=owner.id).id == role.id
    with pytest.raises(RuleBroken) as refusal:
        rules.accept_invite(session, token=token, account_id=thief.id)
    assert (refusal.value.code, refusal.value.status) == ("invite_over", 410)
    assert session.scalars(select(Fact.ids).where(Fact.name == "role.given")).all() == [
        {"shop_id": shop.id, "account_id": owner.id}
    ]


@pytest.mark.parametrize("how", ["withdrawn", "expired", "unknown"])
def test_an_invitation_that_is_over_opens_nothing(session: Session, how: str) -> None:
    shop = make_shop(session)
    guest = make_account(session, "guest")
    token = rules.invite(session, shop_id=shop.id, kind="staff", name="小王")
    if how == "withdrawn":
        waiting = queries.open_invites(session, shop.id)[0].id
        for _ in range(2):
            rules.withdraw_invite(session, shop_id=shop.id, invite_id=waiting)
    later = clock.now() + (timedelta(days=7) if how == "expired" else timedelta())
    with time_machine.travel(later, tick=False), pytest.raises(RuleBroken, match="invite_over"):
        rules.accept_invite(session, token=token if how != "unknown" else "x", account_id=guest.id)
    assert queries.roles_of(session, guest.id, shop.id) == set()


def test_staff_become_owners_and_owners_stay(session: Session) -> None:
    shop = make_shop(session)
    role = make_role(session, shop, "anna", "staff", "安娜")
    with pytest.raises(RuleBroken, match="already_there"):
        rules.accept_invite(
            session, token=rules.invite(session, shop_id=shop.id, kind="staff"), account_id=role.account_id
        )
    owner = rules.invite(session, shop_id=shop.id, kind="owner")
    rules.accept_invite(session, token=owner, account_id=role.account_id)
    assert queries.roles_of(session, role.account_id, shop.id) == {"owner"}
    with pytest.raises(RuleBroken, match="already_there"):
        rules.accept_invite(
            session, token=rules.invite(session, shop_id=shop.id, kind="staff"), account_id=role.account_id
        )


def test_the_last_owner_stays(session: Session) -> None:
    shop = make_shop(session)
    first, second = make_role(session, shop, "a", "owner"), make_role(session, shop, "b", "owner")
    rules.end_role(session, shop_id=shop.id, role_id=first.id)
    rules.end_role(session, shop_id=shop.id, role_id=first.id)
    with pytest.raises(RuleBroken, match="last_owner"):
        rules.end_role(session, shop_id=shop.id, role_id=second.id)
    with pytest.raises(NotAllowed):
        rules.end_role(session, shop_id=shop.id + 1, role_id=second.id)
    assert [row.account_id for row in queries.members(session, shop.id)] == [second.account_id]
    assert session.get_one(Role, first.id).ended_at


def test_who_sees_what(session: Session) -> None:
    shop, other = make_shop(session), make_shop(session, "别家")
    owner, staff = make_role(session, shop, "owner", "owner"), make_role(session, shop, "staff")
    assert queries.owner_shop(session, account_id=owner.account_id, shop_id=shop.id) is shop
    assert queries.staff_shop(session, account_id=staff.account_id, shop_id=shop.id) is shop
    for getter, account in ((queries.owner_shop, staff.account_id), (queries.staff_shop, 999)):
        with pytest.raises(NotAllowed):
            getter(session, account_id=account, shop_id=shop.id)
    with pytest.raises(NotAllowed):
        queries.staff_shop(session, account_id=owner.account_id, shop_id=other.id)
    assert queries.shops_of(session, account_id=owner.account_id) == [(shop, "owner")]
    session.get_one(Shop, shop.id).status = "gone"
    session.flush()
    assert queries.roles_of(session, owner.account_id, shop.id) == set()


def test_search_takes_signs_as_they_are(session: Session) -> None:
    make_shop(session, "100% 咖啡", name_en="Hundred")
    make_shop(session, "老李面馆")
    found = [row.name for row in queries.search_listings(session, text="%", offset=0, most=9)]
    assert found == ["100% 咖啡"]
    assert [row.name for row in queries.search_listings(session, text="hUND", offset=0, most=9)] == [
        "100% 咖啡"
    ]
    assert len(queries.search_listings(session, text="", offset=0, most=9)) == 2
