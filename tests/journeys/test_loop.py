"""The whole main job through the pages alone, in both languages; the books are checked after every step."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller, travel

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.orders.models import Order
from o2o.passes.models import Pass
from o2o.payments.models import SandboxPayment
from tests.factories import make_role, make_shop
from tests.journeys.away import book, sound, work
from tests.journeys.person import Forms, Person

OFFER = {
    "title": "双人手冲咖啡",
    "contents-0-text": "手冲咖啡",
    "contents-0-quantity": "2",
    "contents-0-alone": "２５",
    "price": "３８",
    "do": "publish",
}


@dataclass(frozen=True)
class Words:
    """What the pages say in one language."""

    language: str
    ready: str
    used: str
    redeemed: str
    already: str
    undone: str
    refunded: str
    refund_told: str
    declined: str
    waiting: str
    ran_out: str
    goes_back: str
    sold_out: str


ENGLISH = Words(
    "en", "Ready to use", "Used", "Redeemed", "Already used", "Undone", "Refunded", "Refund paid: 双人手冲咖啡",
    "The bank said no", "Waiting for the bank", "Time ran out", "Your money goes back", "Sold out. Look at what else",
)  # fmt: skip
CHINESE = Words(
    "zh-CN", "可使用", "已使用", "核销成功", "已经用过", "已撤销", "已退款", "退款已汇出：双人手冲咖啡",
    "付款未成功", "等待银行确认", "付款超时", "正在退款给你", "卖完",
)  # fmt: skip


@pytest.fixture
def now() -> Iterator[Traveller]:
    with travel(clock.now(), tick=False) as moment:
        yield moment


@pytest.fixture
def shop(app: Flask, now: Traveller) -> int:
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner", "林小满")
    make_role(db.session, shop, "staff", "staff", "阿明")
    shop_id = shop.id
    db.session.commit()
    return shop_id


def publish(app: Flask, shop: int, words: Words, **more: str) -> None:
    owner = Person(app, "owner", words.language)
    owner.go(f"/console/{shop}/offers/new")
    page = owner.press(f"/console/{shop}/offers", **{**OFFER, **more})
    assert (owner.status, owner.here) == (200, f"/console/{shop}/offers")
    assert "双人手冲咖啡" in page
    sound()


def find(guest: Person, shop: int) -> str:
    """Find the offer the way guests do: search, shop, offer."""
    page = guest.go("/shops?q=手冲")
    assert "小满咖啡" in page
    assert "小满咖啡" not in guest.go("/shops?q=火锅")
    guest.go("/shops?q=手冲")
    guest.go(guest.link(f"/shops/{shop}"))
    guest.go(guest.link("/offers/"))
    return guest.here


def to_bank(guest: Person, shop: int) -> str:
    """Order one and go to the bank; return the order's address."""
    offer = find(guest, shop)
    guest.press(f"{offer}/orders")
    assert guest.here.startswith("/orders/"), guest.body
    order = guest.here
    guest.press(f"{order}/pay")
    assert guest.here.startswith("/sandbox/"), guest.body
    sound()
    return order


def buy(guest: Person, shop: int) -> str:
    """Buy one and return the address of its pass."""
    to_bank(guest, shop)
    guest.press(guest.here, answer="approve")
    assert guest.here.startswith("/passes/"), guest.body
    sound()
    return guest.here


def code_of(pass_url: str) -> str:
    code = db.session.scalars(select(Pass.short_code).where(Pass.id == pass_url.rsplit("/", 1)[1])).one()
    db.session.rollback()
    return code


def redeem(staff: Person, pass_url: str) -> str:
    staff.go("/till")
    staff.press("/till/scan", code=code_of(pass_url).lower())
    page = staff.press("/till/redemptions")
    assert staff.here.startswith("/till/redemptions/"), page
    sound()
    return page


def section(guest: Person, title: str) -> bool:
    """Tell whether the wallet has this heading."""
    return f"<h2>{title} <small" in guest.go("/wallet")


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_the_main_job(app: Flask, shop: int, now: Traveller, words: Words) -> None:
    publish(app, shop, words)
    guest, staff = Person(app, "guest", words.language), Person(app, "staff", words.language)
    first = buy(guest, shop)
    assert book(shop) == {"cash": 3800, "voucher_liability": -3800}
    assert section(guest, words.ready)

    assert words.redeemed in redeem(staff, first)
    assert section(guest, words.used)
    assert words.used in guest.go(first)
    receipt = staff.here
    staff.go("/till")
    assert words.already in staff.press("/till/scan", code=code_of(first))
    sound()

    staff.go(receipt)
    assert words.undone in staff.press(f"{receipt}/annul", reason="mistake")
    assert section(guest, words.ready)
    assert book(shop) == {"cash": 3800, "voucher_liability": -3800}
    sound()
    assert words.redeemed in redeem(staff, first)
    assert book(shop) == {"cash": 3800, "shop_pending": -3800}

    second = buy(guest, shop)
    guest.go(second)
    refunds = next(form.action for form in Forms(guest.body).found if form.action.endswith("/refunds"))
    page = guest.press(refunds)
    assert words.refunded in page
    assert book(shop) == {"cash": 3800, "shop_pending": -3800}
    sound()

    third = buy(guest, shop)
    now.shift(timedelta(minutes=16))
    work()
    assert book(shop) == {"cash": 7600, "shop_payable": -3800, "voucher_liability": -3800}
    now.shift(timedelta(days=32))
    work()
    guest.sign_in("guest")
    assert words.refunded in guest.go(third)
    assert words.refund_told in guest.go("/inbox")
    assert book(shop) == {"cash": 3800, "shop_payable": -3800}
    refunded = db.session.scalars(select(SandboxPayment.refunded).order_by(SandboxPayment.refunded)).all()
    assert refunded == [0, 3800, 3800]
    sound()


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_the_bank_says_no_and_then_yes(app: Flask, shop: int, words: Words) -> None:
    publish(app, shop, words, total_cap="1")
    guest = Person(app, "guest", words.language)
    order = to_bank(guest, shop)
    page = guest.press(guest.here, answer="decline")
    assert guest.here == order
    assert words.declined in page
    sound()
    guest.press(f"{order}/pay")
    guest.press(guest.here, answer="approve")
    assert guest.here.startswith("/passes/")
    sound()


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize("answer", ["lost", "slow", "duplicate"])
def test_a_bad_day_ends_with_one_pass(
    app: Flask, shop: int, now: Traveller, words: Words, answer: str
) -> None:
    publish(app, shop, words)
    guest = Person(app, "guest", words.language)
    order = to_bank(guest, shop)
    bank = guest.here
    guest.press(bank, answer=answer)
    if answer != "duplicate":
        assert words.waiting in guest.go(order)
        sound()
    now.shift(timedelta(seconds=40))
    work()
    guest.go(order)
    assert guest.here.startswith("/passes/")
    assert "answer=" not in guest.go(bank)
    assert len(db.session.scalars(select(Pass.id)).all()) == 1
    assert book(shop) == {"cash": 3800, "voucher_liability": -3800}
    sound()


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize("gone", [False, True], ids=["places left", "places gone"])
def test_a_yes_after_the_hold_ran_out(
    app: Flask, shop: int, now: Traveller, words: Words, gone: bool
) -> None:
    publish(app, shop, words, total_cap="1")
    guest, other = Person(app, "guest", words.language), Person(app, "guest2", words.language)
    order = to_bank(guest, shop)
    offer = find(other, shop)
    assert words.sold_out in other.body
    guest.press(guest.here, answer="late")
    now.shift(timedelta(minutes=11))
    work()
    assert words.ran_out in guest.go(order)
    if gone:
        other.go(offer)
        other.press(f"{offer}/orders")
        sound()
    now.shift(timedelta(minutes=2))
    work()
    if gone:
        assert words.goes_back in guest.go(order)
        assert db.session.scalars(select(SandboxPayment.refunded)).one() == 3800
    state = db.session.scalars(select(Order.state).where(Order.id == order.rsplit("/", 1)[1])).one()
    assert state == ("returned" if gone else "paid")
    assert book(shop) == ({} if gone else {"cash": 3800, "voucher_liability": -3800})
    sound()
