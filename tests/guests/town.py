"""Guests of two shops, for the tests of this room."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from o2o.checkin import rules as checkin
from o2o.guests.models import Guest
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write, db
from o2o.redemption import rules as redemption
from o2o.redemption.models import Redemption
from o2o.shops.models import Shop
from tests.factories import make_account, make_pass, make_poster, make_role, make_shop, make_terms, make_visit
from tests.visitor import Visitor


class Pair(NamedTuple):
    """Two shops with an owner each; the first has a manager and staff too."""

    here: int
    there: int


def make_pair() -> Pair:
    """Open both shops."""
    begin_write()
    here, there = make_shop(db.session, "小满咖啡"), make_shop(db.session, "隔壁面馆")
    make_role(db.session, here, "owner", "owner", name="王姐")
    make_role(db.session, here, "manager", "manager", name="阿强")
    make_role(db.session, here, "staff", name="小李")
    make_role(db.session, there, "other_owner", "owner", name="老周")
    pair = Pair(here.id, there.id)
    db.session.commit()
    return pair


def use(shop_id: int, handle: str = "guest", *, at: datetime | None = None, price: int = 3800) -> str:
    """Have somebody use a pass at a shop; return the redemption's id. No order stands behind it: it is a free one."""
    begin_write()
    shop, now = db.session.get_one(Shop, shop_id), at or clock.now()
    pass_ = make_pass(db.session, make_terms(db.session, shop, price=0), handle, issued_at=now)
    staff = make_account(db.session, "staff").id
    given = {"shop_id": shop_id, "staff_id": staff, "text": pass_.short_code, "quantity": 1}
    answer = redemption.redeem(db.session, nonce=f"n-{pass_.id}", now=now, **given)
    assert answer.is_ok, answer.reason
    if price:
        # What a paid pass would have brought: the counts are tried, not the books.
        db.session.get_one(Redemption, str(answer.redemption_id)).value = price
    number = str(answer.redemption_id)
    db.session.commit()
    journal.deliver(db.session)
    return number


def undo(shop_id: int, redemption_id: str) -> None:
    """Undo a redemption."""
    begin_write()
    staff = make_account(db.session, "staff").id
    db.session.get_one(Redemption, redemption_id).value = 0
    given = {"redemption_id": redemption_id, "staff_id": staff, "reason": "mistake", "now": clock.now()}
    redemption.annul(db.session, shop_id=shop_id, **given)
    db.session.commit()
    journal.deliver(db.session)


def visit(shop_id: int, handle: str = "guest", by: str = "staff") -> str:
    """Have somebody arrive and be confirmed; return the visit's id."""
    begin_write()
    poster = make_poster(db.session, db.session.get_one(Shop, shop_id))
    made = make_visit(db.session, poster, handle).id
    staff = make_account(db.session, by).id
    checkin.confirm(db.session, visit_id=made, shop_id=shop_id, staff_id=staff, now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    return made


def guest_of(shop_id: int, handle: str = "guest") -> Guest | None:
    """Return somebody as a shop knows them."""
    begin_write()
    account = make_account(db.session, handle).id
    wanted = select(Guest).where(Guest.shop_id == shop_id, Guest.account_id == account)
    found = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    db.session.commit()
    return found


def key_of(shop_id: int, handle: str = "guest") -> str:
    """Return the shop's key of somebody."""
    found = guest_of(shop_id, handle)
    assert found is not None
    return found.key


def read(client: Visitor, path: str) -> str:
    """Read a page."""
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer.get_data(as_text=True)
