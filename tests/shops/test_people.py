"""Roles change and end at once; a shop always keeps an owner."""

import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.feed import queries as feed
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from o2o.redemption.queries import staff_name
from o2o.shops import people, queries, rules
from o2o.shops.models import Role, Shop
from tests.factories import make_account, make_role, make_shop
from tests.racers import race
from tests.visitor import Visitor


def live(session: Session, shop_id: int) -> dict[str, str]:
    """Return who works there as what, by handle."""
    members = queries.members(session, shop_id)
    return {member.name: member.kind for member in members}


def test_a_role_changes_and_the_old_one_is_kept_as_ended(session: Session) -> None:
    shop = make_shop(session)
    make_role(session, shop, "owner", "owner", "老板")
    role = make_role(session, shop, "staff", "staff", "小林")
    fresh = rules.change_role(session, shop_id=shop.id, role_id=role.id, kind="manager")
    assert (fresh.kind, fresh.name, fresh.account_id) == ("manager", "小林", role.account_id)
    assert role.ended_at is not None
    assert queries.roles_of(session, role.account_id, shop.id) == {"manager"}
    names = list(session.scalars(select(Fact.name).order_by(Fact.id)))
    assert names[-2:] == ["role.ended", "role.given"]


def test_the_same_change_again_changes_nothing(session: Session) -> None:
    shop = make_shop(session)
    role = make_role(session, shop, "staff")
    first = rules.change_role(session, shop_id=shop.id, role_id=role.id, kind="manager")
    again = rules.change_role(session, shop_id=shop.id, role_id=role.id, kind="manager")
    assert again is first
    assert rules.change_role(session, shop_id=shop.id, role_id=first.id, kind="manager") is first
    with pytest.raises(RuleBroken, match="role_over"):
        rules.change_role(session, shop_id=shop.id, role_id=role.id, kind="owner")


@pytest.mark.parametrize("kind", ["", "claimant", "king"])
def test_only_roles_of_the_list_are_given(session: Session, kind: str) -> None:
    shop = make_shop(session)
    role = make_role(session, shop, "staff")
    with pytest.raises(RuleBroken, match="kind_unknown"):
        rules.change_role(session, shop_id=shop.id, role_id=role.id, kind=kind)


def test_a_claim_becomes_no_job_by_changing_it(session: Session) -> None:
    shop = make_shop(session, status="unclaimed")
    role = make_role(session, shop, "guest", "claimant")
    with pytest.raises(NotAllowed):
        rules.change_role(session, shop_id=shop.id, role_id=role.id, kind="owner")
    assert not queries.works_at(session, role.account_id, shop.id)
    assert queries.members(session, shop.id) == []


def test_roles_of_another_shop_are_not_there(session: Session) -> None:
    mine, theirs = make_shop(session), make_shop(session, "别家")
    role = make_role(session, theirs, "staff")
    with pytest.raises(NotAllowed):
        rules.change_role(session, shop_id=mine.id, role_id=role.id, kind="manager")


def test_the_last_owner_is_neither_demoted_nor_gone(session: Session) -> None:
    shop = make_shop(session)
    role = make_role(session, shop, "owner", "owner")
    with pytest.raises(RuleBroken, match="last_owner"):
        rules.change_role(session, shop_id=shop.id, role_id=role.id, kind="staff")
    with pytest.raises(RuleBroken, match="last_owner"):
        rules.quit_shop(session, shop_id=shop.id, account_id=role.account_id)
    assert live(session, shop.id) == {"owner": "owner"}


def test_leaving_is_done_once_and_a_claim_is_not_left_so(session: Session) -> None:
    shop = make_shop(session)
    make_role(session, shop, "owner", "owner")
    role = make_role(session, shop, "staff")
    for _ in range(2):
        rules.quit_shop(session, shop_id=shop.id, account_id=role.account_id)
    assert live(session, shop.id) == {"owner": "owner"}
    claim = make_role(session, shop, "guest", "claimant")
    rules.quit_shop(session, shop_id=shop.id, account_id=claim.account_id)
    assert claim.ended_at is None


def two_owners() -> tuple[int, list[int]]:
    begin_write()
    shop = make_shop(db.session)
    roles = [make_role(db.session, shop, handle, "owner").id for handle in ("owner", "owner2")]
    shop_id = shop.id
    db.session.commit()
    return shop_id, roles


def demote_both(app: Flask, shop_id: int, roles: list[int]) -> tuple[Any, int]:
    def demote(session: Session, number: int) -> None:
        begin_write(session)
        rules.change_role(session, shop_id=shop_id, role_id=roles[number], kind="staff")
        session.commit()

    outcomes = race(app, demote, times=2, threads=2)
    db.session.rollback()
    owners = select(func.count()).where(
        Role.shop_id == shop_id, Role.kind == "owner", Role.ended_at.is_(None)
    )
    return outcomes, db.session.scalar(owners) or 0


def test_two_owners_demoting_each_other_leave_one(app: Flask) -> None:
    outcomes, owners = demote_both(app, *two_owners())
    assert outcomes == {"ok": 1, "last_owner": 1}
    assert owners == 1


def test_without_the_guard_both_are_demoted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: count first, meet, then write, as code without the shop's lock would."""
    shop_id, roles = two_owners()
    meeting = threading.Barrier(2)

    def blind(session: Session, role: Role) -> None:
        session.rollback()
        meeting.wait()
        begin_write(session)
        session.refresh(role)

    monkeypatch.setattr(people, "_keep_an_owner", blind)
    assert demote_both(app, shop_id, roles) == ({"ok": 2}, 0)


def staffed(client: FlaskClient, kind: str = "manager") -> tuple[int, int, Visitor]:
    """Sign an owner in, and somebody with a role at the shop; return shop, role and the other's browser."""
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner", "老板")
    role = make_role(db.session, shop, "helper", kind, "阿强")
    ids = shop.id, role.id
    db.session.commit()
    client.sign_in("owner")
    other = Visitor(client.application, client.application.response_class)
    other.sign_in("helper")
    return *ids, other


def test_a_demoted_manager_is_out_with_the_next_tap(client: FlaskClient) -> None:
    shop, role, helper = staffed(client)
    assert helper.get(f"/console/{shop}/posters").status_code == 200
    assert client.post(f"/console/{shop}/staff/{role}/change", data={"kind": "staff"}).status_code == 303
    assert helper.get(f"/console/{shop}/posters").status_code == 404
    assert helper.get(f"/console/{shop}").status_code == 200
    fresh = queries.members(db.session, shop)[-1]
    assert client.post(f"/console/{shop}/staff/{fresh.role_id}/end").status_code == 303
    assert helper.get(f"/console/{shop}").status_code == 404


def test_leaving_by_oneself_ends_access_at_once(client: FlaskClient) -> None:
    shop, _role, helper = staffed(client, "staff")
    assert helper.post(f"/console/{shop}/quit").location == "/me"
    assert helper.get(f"/console/{shop}").status_code == 404
    assert helper.post(f"/console/{shop}/quit").status_code == 404
    assert client.post(f"/console/{shop}/quit").status_code == 409


def test_managers_give_no_roles(client: FlaskClient) -> None:
    shop, role, helper = staffed(client)
    for path in (f"staff/{role}/change", f"staff/{role}/end", "staff/invites"):
        assert helper.post(f"/console/{shop}/{path}", data={"kind": "owner"}).status_code == 404
    assert live(db.session, shop) == {"老板": "owner", "阿强": "manager"}


def test_a_manager_is_invited_and_told_so(client: FlaskClient) -> None:
    shop, _role, _helper = staffed(client)
    page = client.get(f"/console/{shop}/staff").get_data(as_text=True)
    assert "Manager: runs offers" in page
    begin_write()
    token = rules.invite(db.session, shop_id=shop, kind="manager")
    make_account(db.session, "newcomer")
    db.session.commit()
    client.sign_in("newcomer")
    assert "offers, menu, guests and till" in client.get(f"/invites/{token}").get_data(as_text=True)
    assert client.post(f"/invites/{token}").location == f"/console/{shop}"
    assert client.get(f"/console/{shop}/posters").status_code == 200
    assert client.get(f"/console/{shop}/tills").status_code == 404
    assert "You run 小满咖啡 now" in client.get("/inbox").get_data(as_text=True)


@pytest.mark.parametrize(
    ("kind", "there", "absent"),
    [
        ("staff", [], ["offers", "guests", "staff", "payout", "admission"]),
        ("manager", ["offers", "guests", "menu", "sanctions"], ["staff", "payout", "acts", "leave"]),
        ("owner", ["offers", "staff", "payout", "acts", "leave", "admission"], []),
    ],
)
def test_the_page_of_all_places_shows_what_the_role_opens(
    client: FlaskClient, kind: str, there: list[str], absent: list[str]
) -> None:
    shop, _role, helper = staffed(client, kind if kind != "owner" else "staff")
    visitor = client if kind == "owner" else helper
    page = visitor.get(f"/console/{shop}/more").get_data(as_text=True)
    for path in there:
        assert f'href="/console/{shop}/{path}"' in page
    for path in absent:
        assert f'href="/console/{shop}/{path}"' not in page


def test_somebody_without_a_name_is_named_later(client: FlaskClient) -> None:
    shop, _role, helper = staffed(client, "staff")
    begin_write()
    role = make_role(db.session, db.session.get_one(Shop, shop), "nameless", "staff")
    role_id, account_id = role.id, role.account_id
    before = feed.epoch(db.session, shop)
    db.session.commit()
    path = f"/console/{shop}/staff/{role_id}/name"
    assert helper.post(path, data={"name": "Me"}).status_code == 404
    assert client.post(path, data={"name": "  小王 \u202e evenings "}).location == f"/console/{shop}/staff"
    assert "小王 evenings" in live(db.session, shop)
    assert staff_name(db.session, shop_id=shop, account_id=account_id) == "小王 evenings"
    # The phones at the counter hear of it; what changed nothing is no news.
    heard = feed.since(db.session, shop, before)
    assert heard.subjects == {"roster": [""]}
    assert client.post(path, data={"name": "小王 evenings"}).status_code == 303
    assert feed.since(db.session, shop, before) == heard
    client.post(f"/console/{shop}/staff/{role_id}/end")
    assert client.post(path, data={"name": "Late"}).status_code == 409


def test_a_claim_and_another_shops_people_get_no_name(session: Session) -> None:
    shop, other = make_shop(session), make_shop(session, name="别家")
    claim = make_role(session, shop, "hopeful", kind="claimant")
    theirs = make_role(session, other, "staff")
    for role in (claim, theirs):
        with pytest.raises(NotAllowed):
            rules.name_person(session, shop_id=shop.id, role_id=role.id, name="小王")
