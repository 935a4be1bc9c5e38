"""Ask, admit, rename, revoke, the PIN and the offline rules, on both databases."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.feed import queries as feed
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.shops import people
from o2o.shops.models import Role, Shop
from o2o.tills import pins, queries, rules
from o2o.tills.models import Till, TillPin
from o2o.tills.queries import Limits
from tests.factories import make_account, make_role, make_shop
from tests.tills.phones import make_phone, make_till


@pytest.fixture
def shop(session: Session) -> Shop:
    """Give a shop with an owner and a member of staff."""
    made = make_shop(session)
    make_role(session, made, "owner", "owner", name="王姐")
    make_role(session, made, "staff", "staff", name="小李")
    return made


def who(session: Session, handle: str) -> int:
    return make_account(session, handle).id


def edge(session: Session, shop: Shop, till: Till, handle: str = "owner") -> dict:
    return {"shop_id": shop.id, "till_id": till.id, "account_id": who(session, handle)}


def test_an_owners_own_phone_is_a_till_at_once(session: Session, shop: Shop) -> None:
    till = make_till(session, shop, "owner", name="  吧台   左 ")
    assert (till.state, till.name, till.active_by) == ("active", "吧台 左", who(session, "owner"))
    assert till.active_at is not None


def test_staff_wait_and_an_owner_lets_them_in(session: Session, shop: Shop) -> None:
    till = make_till(session, shop, "staff")
    assert (till.state, till.active_at, queries.active(session, shop.id)) == ("waiting", None, [])
    rules.admit(session, **edge(session, shop, till), now=clock.now())
    assert (till.state, till.active_by) == ("active", who(session, "owner"))
    assert queries.active(session, shop.id) == [till]


def test_asking_again_is_the_same_till(session: Session, shop: Shop) -> None:
    phone = make_phone()
    first = make_till(session, shop, "staff", phone=phone, name="前台")
    again = make_till(session, shop, "staff", phone=phone, name="后厨")
    assert (again.id, again.name, again.state) == (first.id, "前台", "waiting")
    assert session.scalar(select(func.count()).select_from(Till)) == 1


def test_an_owner_who_asks_on_a_waiting_phone_lets_it_in(session: Session, shop: Shop) -> None:
    phone = make_phone()
    first = make_till(session, shop, "staff", phone=phone)
    assert make_till(session, shop, "owner", phone=phone).state == "active"
    assert make_till(session, shop, "staff", phone=phone).id == first.id
    assert (first.state, first.asked_by) == ("active", who(session, "staff"))


def test_one_phone_may_serve_two_shops(session: Session, shop: Shop) -> None:
    other, phone = make_shop(session, "隔壁"), make_phone()
    make_role(session, other, "owner", "owner")
    assert make_till(session, shop, phone=phone).id != make_till(session, other, phone=phone).id


def test_strangers_ask_in_vain(session: Session, shop: Shop) -> None:
    with pytest.raises(NotAllowed):
        make_till(session, shop, "guest")


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_a_name_has_1_to_40_characters(session: Session, shop: Shop, name: str) -> None:
    with pytest.raises(BadInput, match="bad_name"):
        make_till(session, shop, name=name)
    till = make_till(session, shop)
    with pytest.raises(BadInput, match="bad_name"):
        rules.rename(session, **edge(session, shop, till), name=name)


def test_a_key_is_a_point_of_the_curve(session: Session, shop: Shop) -> None:
    phone = make_phone()
    other_root = f"{(2**256 - 2**224 + 2**192 + 2**96 - 1) - int(phone.y, 16):064x}"
    given = [
        ("", phone.y),
        (phone.x, ""),
        (phone.x.upper() + " ", phone.y),
        (phone.x, "0" * 64),
        ("f" * 64, phone.y),
        (phone.y, phone.x),
        (phone.x[:-1], phone.y + "0"),
        ("é" * 64, phone.y),
    ]
    for x, y in given:
        with pytest.raises(BadInput, match="bad_key"):
            make_till(session, shop, x=x, y=y)
    make_till(session, shop, phone=phone)
    with pytest.raises(BadInput, match="bad_key"):
        make_till(session, shop, x=phone.x, y=other_root)


def test_a_shop_has_at_most_twenty_tills(
    session: Session, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_TILLS", 2)
    first, phone = make_till(session, shop), make_phone()
    make_till(session, shop, "staff", phone=phone)
    with pytest.raises(RuleBroken, match="many_tills"):
        make_till(session, shop, "staff")
    make_till(session, shop, "staff", phone=phone)
    rules.revoke(session, **edge(session, shop, first), now=clock.now())
    make_till(session, shop, "staff")


@pytest.mark.parametrize("handle", ["owner", "staff"])
def test_a_revoked_till_stays_revoked(session: Session, shop: Shop, handle: str) -> None:
    phone, now = make_phone(), clock.now()
    till = make_till(session, shop, handle, phone=phone)
    was = till.active_at
    rules.revoke(session, **edge(session, shop, till), now=now)
    rules.revoke(session, **edge(session, shop, till), now=now + timedelta(hours=1))
    assert (till.state, till.revoked_at, till.active_at) == ("revoked", now, was)
    with pytest.raises(RuleBroken, match="till_revoked"):
        make_till(session, shop, "owner", phone=phone)
    with pytest.raises(RuleBroken, match="till_over"):
        rules.admit(session, **edge(session, shop, till), now=now)
    assert rules.rename(session, **edge(session, shop, till), name="旧手机").name == "旧手机"


def test_admitting_twice_is_once(session: Session, shop: Shop) -> None:
    till, now = make_till(session, shop, "staff"), clock.now()
    rules.admit(session, **edge(session, shop, till), now=now)
    rules.admit(session, **edge(session, shop, till), now=now + timedelta(hours=1))
    assert till.active_at == now


@pytest.mark.parametrize("handle", ["staff", "guest", "other_owner"])
def test_only_its_owner_changes_a_till(session: Session, shop: Shop, handle: str) -> None:
    make_role(session, make_shop(session, "隔壁"), "other_owner", "owner")
    till, limits = make_till(session, shop, "staff"), Limits(True, 1, 1, 1)
    with pytest.raises(NotAllowed):
        rules.admit(session, **edge(session, shop, till, handle), now=clock.now())
    with pytest.raises(NotAllowed):
        rules.rename(session, **edge(session, shop, till, handle), name="我的")
    with pytest.raises(NotAllowed):
        rules.revoke(session, **edge(session, shop, till, handle), now=clock.now())
    account = who(session, handle)
    with pytest.raises(NotAllowed):
        rules.set_rules(session, shop_id=shop.id, account_id=account, limits=limits, now=clock.now())
    assert (till.state, till.name) == ("waiting", "收银台")


def test_an_owner_of_two_shops_names_the_right_one(session: Session, shop: Shop) -> None:
    other = make_shop(session, "隔壁")
    make_role(session, other, "owner", "owner")
    till = make_till(session, shop, "staff")
    with pytest.raises(NotAllowed):
        rules.admit(session, **edge(session, other, till), now=clock.now())


def test_a_pin_is_kept_as_pbkdf2(session: Session, shop: Shop) -> None:
    staff = who(session, "staff")
    rules.set_pin(session, shop_id=shop.id, account_id=staff, pin="2580", now=clock.now())
    (line,) = queries.roster(session, shop.id)
    wanted = hashlib.pbkdf2_hmac("sha256", b"2580", bytes.fromhex(line.salt), 100_000).hex()
    assert line == (staff, "小李", line.salt, wanted, 100_000)
    assert len(bytes.fromhex(line.salt)) == 16


def test_a_new_pin_takes_the_old_ones_place(session: Session, shop: Shop) -> None:
    staff = who(session, "staff")
    for pin in ("2580", "2580", pins.keep("190283")):
        rules.set_pin(session, shop_id=shop.id, account_id=staff, pin=pin, now=clock.now())
    rows = session.scalars(select(TillPin)).all()
    assert len(rows) == 1
    assert rows[0].hash == pins.derive("190283", bytes.fromhex(rows[0].salt), 100_000)


def test_two_people_may_have_the_same_pin_and_it_looks_different(session: Session, shop: Shop) -> None:
    for handle in ("staff", "owner"):
        rules.set_pin(session, shop_id=shop.id, account_id=who(session, handle), pin="2580", now=clock.now())
    assert [line.name for line in queries.roster(session, shop.id)] == ["王姐", "小李"]
    assert len({line.hash for line in queries.roster(session, shop.id)}) == 2


@pytest.mark.parametrize("pin", ["", "123", "1234567", "12a4", "１２４８", "+124", "12 48", "1248\n", "-124"])
def test_a_pin_has_4_to_6_digits(session: Session, shop: Shop, pin: str) -> None:
    with pytest.raises(BadInput, match="bad_pin"):
        rules.set_pin(session, shop_id=shop.id, account_id=who(session, "staff"), pin=pin, now=clock.now())


@pytest.mark.parametrize("pin", ["1234", "0000", "999999", "4321", "23456", "7890", "0987", "543210", "8901"])
def test_a_weak_pin_is_refused(session: Session, shop: Shop, pin: str) -> None:
    with pytest.raises(BadInput, match="weak_pin"):
        rules.set_pin(session, shop_id=shop.id, account_id=who(session, "staff"), pin=pin, now=clock.now())


@pytest.mark.parametrize("pin", ["1243", "1357", "0001", "2580", "1212", "112233"])
def test_other_pins_are_taken(pin: str) -> None:
    assert not pins.is_weak(pin)


def test_a_guest_has_no_pin_here(session: Session, shop: Shop) -> None:
    with pytest.raises(NotAllowed):
        rules.set_pin(session, shop_id=shop.id, account_id=who(session, "guest"), pin="2580", now=clock.now())


def test_who_left_is_not_on_the_roster(session: Session, shop: Shop) -> None:
    staff = who(session, "staff")
    rules.set_pin(session, shop_id=shop.id, account_id=staff, pin="2580", now=clock.now())
    role = session.scalars(select(Role).where(Role.account_id == staff)).one()
    people.end_role(session, shop_id=shop.id, role_id=role.id)
    assert queries.roster(session, shop.id) == []


def test_the_default_rules_are_cautious(session: Session, shop: Shop) -> None:
    assert queries.offline_rules(session, shop.id) == (False, 50, 20000, 200000)


def test_an_owner_sets_the_rules(session: Session, shop: Shop) -> None:
    owner, limits = who(session, "owner"), Limits(True, 10, 5000, 40000)
    rules.set_rules(session, shop_id=shop.id, account_id=owner, limits=limits, now=clock.now())
    assert queries.offline_rules(session, shop.id) == limits
    most = Limits(False, 1000, rules.MOST_MONEY, rules.MOST_MONEY)
    for given in (most, Limits(False, 0, 0, 0)):
        rules.set_rules(session, shop_id=shop.id, account_id=owner, limits=given, now=clock.now())
        assert queries.offline_rules(session, shop.id) == given


@pytest.mark.parametrize(
    ("field", "limits"),
    [
        ("most_claims", Limits(False, 1001, 1, 1)),
        ("most_claims", Limits(False, -1, 1, 1)),
        ("most_each", Limits(False, 1, -1, 1)),
        ("most_each", Limits(False, 1, 10**9 + 1, 1)),
        ("most_total", Limits(False, 1, 1, 10**18)),
    ],
)
def test_rules_out_of_range_name_their_field(
    session: Session, shop: Shop, field: str, limits: Limits
) -> None:
    owner = who(session, "owner")
    with pytest.raises(BadInput, match="bad_limit") as refused:
        rules.set_rules(session, shop_id=shop.id, account_id=owner, limits=limits, now=clock.now())
    assert refused.value.params["field"] == field


def test_tills_hear_of_rules_and_roster(session: Session, shop: Shop) -> None:
    shop_id, owner, limits = shop.id, who(session, "owner"), Limits(True, 1, 2, 3)
    rules.set_pin(session, shop_id=shop_id, account_id=owner, pin="2580", now=clock.now())
    rules.set_rules(session, shop_id=shop_id, account_id=owner, limits=limits, now=clock.now())
    session.commit()
    assert feed.since(session, shop_id, 0).subjects == {"roster": [""], "rules": [""]}
    epoch = feed.epoch(session, shop_id)
    begin_write(session)
    rules.set_rules(session, shop_id=shop_id, account_id=owner, limits=limits, now=clock.now())
    session.commit()
    assert feed.epoch(session, shop_id) == epoch
