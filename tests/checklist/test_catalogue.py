"""What is asked before anybody writes it down, and what the town sees for itself."""

from sqlalchemy.orm import Session

from o2o.checklist import catalogue
from o2o.checklist import queries as asked
from o2o.checklist.models import Requirement
from o2o.checklist.rules import ensure
from o2o.kernel import clock
from o2o.menus.models import MenuLine
from o2o.offers import rules as offers
from o2o.payouts.models import Payout
from o2o.pictures import rules as pictures
from o2o.requirements import rules as requirements
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop
from tests.onboarding.town import DRAFT, PHOTO, line, make_claim, make_listing


def switch_on(session: Session, *keys: str, **more: object) -> None:
    for key in keys:
        requirements.set_requirement(session, key=key, is_on=True, now=clock.now(), **more)


def test_the_house_asks_before_anything_is_written(session: Session) -> None:
    keys = [row.key for row in asked.requirements(session)]
    assert keys == ["hours", "licence", "identity", "phone_call", "payout", "terms"]
    assert asked.terms(session).version == 1
    for _ in range(2):
        ensure(session)
    assert [row.key for row in asked.requirements(session)] == keys
    assert [row.key for row in asked.requirements(session, only_on=False)] == list(catalogue.BUILT)
    assert [row.version for row in asked.terms_versions(session)] == [1]


def test_an_unknown_computed_line_fails_closed(session: Session) -> None:
    claim = make_claim(session, make_listing(session))
    session.add(Requirement(key="renamed", kind="computed", position=99, created_at=clock.now(), is_on=True))
    assert line(session, claim, "renamed") == "incomplete"
    shop = session.get_one(Shop, claim.shop_id)
    assert not catalogue.met(session, keys=["renamed"], shop=shop, prepared={"renamed": "yes"})


def test_what_the_town_sees_for_itself(session: Session) -> None:
    shop = make_listing(session, address=None, phone=None, hours=None)
    claim = make_claim(session, shop)
    keys = ["name", "place", "hours", "phone", "picture", "menu", "offer", "payout"]
    switch_on(session, *keys)
    assert [line(session, claim, key) for key in keys] == ["complete"] + ["incomplete"] * 7
    account_id = claim.account_id or 0
    wish = {"address": "成府路 1 号", "hours": "24/7", "phone": "010-1"}
    shop_rules.prepare_shop(session, shop_id=shop.id, account_id=account_id, **wish)
    assert [line(session, claim, key) for key in keys[1:4]] == ["complete"] * 3
    given = {"shop_id": shop.id, "account_id": account_id, "prepared": PHOTO}
    pictures.add(session, **given, caption="", now=clock.now())
    session.add(MenuLine(shop_id=shop.id, name="面", price=1, position=1))
    offers.prepare(session, shop_id=shop.id, draft=DRAFT)
    session.add(Payout(shop_id=shop.id, account_id=account_id, sealed="x", tail="1", created_at=clock.now()))
    assert [line(session, claim, key) for key in keys] == ["complete"] * 8
    assert shop.address is None
