"""One act for every carried-out post of a desk, in its own transaction; none for what came to nothing."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from o2o.acts import rules
from o2o.acts.models import Act
from o2o.kernel import actor, clock, worker
from o2o.kernel.db import begin_write, db
from o2o.redemption import queries as redemption
from o2o.redemption.models import Redemption
from o2o.shops import rules as shops
from o2o.shops.models import Role, Shop
from tests.factories import make_account, make_pass, make_role, make_shop, make_terms
from tests.tills.phones import make_phone
from tests.visitor import visitor


@pytest.fixture
def shop_id(app: Flask) -> int:
    """Give a shop with an owner and staff, and another one next door."""
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner", name="王姐")
    make_role(db.session, shop, "staff", name="小李")
    make_role(db.session, make_shop(db.session, "隔壁"), "other_owner", "owner")
    made = shop.id
    db.session.commit()
    return made


def acts() -> list[Act]:
    db.session.rollback()
    return list(db.session.scalars(select(Act).order_by(Act.id)))


def account_id(handle: str) -> int:
    begin_write()
    return make_account(db.session, handle).id


def test_a_posted_form_is_one_act(app: Flask, shop_id: int) -> None:
    owner = visitor(app, "owner")
    assert (
        owner.post(f"/console/{shop_id}/staff/invites", data={"kind": "staff", "name": "小王"}).status_code
        == 303
    )
    (one,) = acts()
    assert (one.verb, one.role, one.shop_id) == ("shops_console.invite", "owner", shop_id)
    assert (one.account_id, one.subject, one.detail) == (account_id("owner"), {}, {})
    assert len(one.request_id) == 12
    (invite,) = db.session.scalars(select(shops.queries.Invite))
    owner.post(f"/console/{shop_id}/staff/invites/{invite.id}/withdraw")
    assert acts()[1].subject == {"invite": invite.id}


def test_the_same_press_twice_is_one_act(app: Flask, shop_id: int) -> None:
    owner = visitor(app, "owner")
    form = {"kind": "staff", "name": "小王", "idempotency_key": "twice"}
    for _ in range(2):
        assert owner.post(f"/console/{shop_id}/staff/invites", data=form).status_code == 303
    assert len(acts()) == 1


@pytest.mark.parametrize("handle", ["staff", "other_owner", "guest"])
def test_what_is_refused_is_no_act(app: Flask, shop_id: int, handle: str) -> None:
    stranger = visitor(app, handle)
    assert stranger.post(f"/console/{shop_id}/staff/invites", data={"kind": "staff"}).status_code == 404
    assert acts() == []


def test_what_is_unfit_or_broken_is_no_act(app: Flask, shop_id: int) -> None:
    owner = visitor(app, "owner")
    assert (
        owner.post(f"/console/{shop_id}/staff/invites", data={"kind": "staff", "name": "长" * 41}).status_code
        == 422
    )
    role = db.session.scalars(select(Role.id).where(Role.shop_id == shop_id, Role.kind == "owner")).one()
    assert owner.post(f"/console/{shop_id}/staff/{role}/end").status_code == 409
    assert acts() == []


def test_a_page_is_no_act(app: Flask, shop_id: int) -> None:
    owner = visitor(app, "owner")
    for path in ("", "/staff", "/offers", "/acts"):
        assert owner.get(f"/console/{shop_id}{path}").status_code == 200
    assert acts() == []


def test_the_till_acts_in_its_shops_name(app: Flask, shop_id: int) -> None:
    begin_write()
    shop = db.session.get_one(Shop, shop_id)
    pass_ = make_pass(db.session, make_terms(db.session, shop, price=0))
    code = pass_.short_code
    db.session.commit()
    staff = visitor(app, "staff")
    staff.post("/till/shop", data={"shop": shop_id})
    phone = make_phone()
    staff.post("/till/register", json={"shop": shop_id, "name": "前台", "x": phone.x, "y": phone.y})
    staff.post("/till/pin", data={"shop": shop_id, "pin": "2580", "again": "2580"})
    staff.post("/till/scan", data={"shop": shop_id, "code": code})
    taken = {"shop": shop_id, "code": code, "quantity": 1, "nonce": "n-1"}
    for _ in range(2):
        assert staff.post("/till/redemptions", data=taken).status_code == 303
    number = db.session.scalars(select(Redemption.id)).one()
    for _ in range(2):
        staff.post(f"/till/redemptions/{number}/annul", data={"reason": "mistake"})
    verbs = [row.verb for row in acts()]
    assert verbs == [
        "redemption.choose_shop",
        "tills.ask",
        "tills.set_pin",
        "redemption.redeem",
        "redemption.annul",
    ]
    assert {(row.shop_id, row.role, row.account_id) for row in acts()} == {
        (shop_id, "staff", account_id("staff"))
    }
    assert acts()[3].detail == {"redemption": number, "uses": 1}
    assert acts()[4].subject == {"redemption_id": number}
    assert redemption.one(db.session, number).annulled_at is not None


def test_an_invitation_accepted_is_an_act_without_its_token(app: Flask, shop_id: int) -> None:
    begin_write()
    token = shops.invite(db.session, shop_id=shop_id, kind="manager", name="阿强")
    db.session.commit()
    guest = visitor(app, "guest")
    for _ in range(2):
        assert guest.post(f"/invites/{token}").status_code == 303
    (one,) = acts()
    assert (one.verb, one.role, one.shop_id, one.subject) == ("shops.accept", "manager", shop_id, {})


def test_what_a_guest_does_is_no_act(app: Flask, shop_id: int) -> None:
    begin_write()
    terms = make_terms(db.session, db.session.get_one(Shop, shop_id))
    offer = terms.offer_id
    db.session.commit()
    guest = visitor(app, "guest")
    assert (
        guest.post(f"/offers/{offer}/orders", data={"quantity": "1", "idempotency_key": "k"}).status_code
        == 303
    )
    assert acts() == []


def test_an_owner_who_ends_their_own_role_did_it_as_owner(app: Flask, shop_id: int) -> None:
    begin_write()
    shop = db.session.get_one(Shop, shop_id)
    role = make_role(db.session, shop, "second", "owner").id
    db.session.commit()
    second = visitor(app, "second")
    assert second.post(f"/console/{shop_id}/staff/{role}/end").status_code == 303
    (one,) = acts()
    assert (one.role, one.subject) == ("owner", {"role": role})


def test_the_operators_act_names_the_shop(app: Flask, shop_id: int) -> None:
    operator = visitor(app, "operator")
    assert operator.post(f"/operator/listings/{shop_id}/owners", data={"handle": ""}).status_code == 303
    (one,) = acts()
    assert (one.role, one.shop_id, one.verb) == ("operator", shop_id, "shops_operator.give")


def acting(app: Flask, shop_id: int, handle: str = "owner") -> Callable[[], object]:
    """Give a request context of an owner's post, as a view has it."""
    account = account_id(handle)
    db.session.rollback()
    context = app.test_request_context(f"/console/{shop_id}/staff/invites", method="POST")
    context.push()
    actor.act_as(account)
    return context.pop


def test_two_commits_of_one_request_are_one_act(app: Flask, shop_id: int) -> None:
    done = acting(app, shop_id)
    for name in ("一", "二"):
        begin_write()
        shops.edit_shop(db.session, shop_id=shop_id, about=name)
        rules.note(db.session, step=len(name))
        db.session.commit()
    done()
    assert [row.detail for row in acts()] == [{"step": 1}]


def test_a_rollback_takes_the_act_and_its_notes_along(app: Flask, shop_id: int) -> None:
    done = acting(app, shop_id)
    begin_write()
    shops.edit_shop(db.session, shop_id=shop_id, about="一")
    rules.note(db.session, lost=True)
    db.session.flush()
    db.session.rollback()
    begin_write()
    shops.edit_shop(db.session, shop_id=shop_id, about="二")
    rules.note(db.session, kept=True)
    db.session.begin_nested().rollback()
    db.session.commit()
    done()
    assert [row.detail for row in acts()] == [{"kept": True}]


def test_a_commit_that_fails_writes_no_act_and_the_next_one_does(app: Flask, shop_id: int) -> None:
    done = acting(app, shop_id)
    begin_write()
    db.session.execute(update(Shop).where(Shop.id == shop_id).values(about="一"))
    db.session.add(
        Role(
            shop_id=shop_id,
            account_id=account_of_staff(),
            kind="staff",
            created_at=clock.now(),
            created_by="x",
        )
    )
    with pytest.raises(DBAPIError):
        db.session.commit()
    db.session.rollback()
    begin_write()
    db.session.execute(update(Shop).where(Shop.id == shop_id).values(about="二"))
    db.session.commit()
    done()
    assert len(acts()) == 1


def account_of_staff() -> int:
    return db.session.scalars(select(Role.account_id).where(Role.kind == "staff")).one()


def test_reading_and_counting_attempts_is_no_act(app: Flask, shop_id: int) -> None:
    done = acting(app, shop_id)
    from datetime import timedelta

    from o2o.kernel import limits

    limits.hit(db.session, "try", shop_id, most=3, per=timedelta(minutes=1))
    begin_write()
    db.session.commit()
    done()
    assert acts() == []


def test_the_shell_and_the_worker_leave_acts_of_their_own(app: Flask, shop_id: int) -> None:
    made = app.test_cli_runner().invoke(args=["sign-in-link", "owner"])
    assert made.exit_code == 0, made.output
    begin_write()
    rules.record(db.session, verb="keys.rotate", shop_id=shop_id, kid=2)
    db.session.commit()
    first, second = acts()
    assert (first.verb, first.role, first.account_id, first.shop_id) == ("sign-in-link", "shell", None, None)
    assert first.detail == {"account": account_id("owner"), "operator": False}
    assert (second.role, second.shop_id, second.detail) == ("worker", shop_id, {"kid": 2})


def test_the_worker_writes_no_act_by_itself(app: Flask, shop_id: int) -> None:
    assert shop_id
    worker.run_due(db.session, everything=True)
    assert acts() == []
