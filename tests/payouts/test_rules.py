"""A payout account is sealed, replaced and never overwritten; erasing a person empties what they entered."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from o2o.accounts import registry
from o2o.kernel import clock
from o2o.kernel.db import db
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from o2o.payouts import queries, rules, seal
from o2o.payouts.models import Payout
from o2o.shops.models import Shop
from tests.factories import make_account, make_shop

CARD = "6222021234567890128"
OTHER = "4111111111111111"
GOOD = {"kind": "card", "holder": "林小满", "bank": "工商银行", "number": CARD}


def enter(session: Session, shop: Shop, **more: str) -> Payout:
    account = make_account(session, more.pop("by", "owner"))
    return rules.set(session, shop_id=shop.id, account_id=account.id, now=clock.now(), **{**GOOD, **more})


def test_an_account_is_sealed_and_opened(session: Session) -> None:
    shop = make_shop(session)
    row = enter(session, shop, number="6222 0212 3456 7890 128")
    assert queries.live(session, shop.id) is row
    assert (row.tail, queries.opened(session, row)) == ("0128", queries.Account(**GOOD))
    assert CARD not in row.sealed
    assert "林小满" not in row.sealed


def test_the_same_again_changes_nothing(session: Session) -> None:
    shop = make_shop(session)
    first = enter(session, shop)
    assert enter(session, shop, number="6222 0212 3456 7890 128") is first
    facts = select(func.count()).where(Fact.name == "payout.changed")
    assert session.scalar(facts) == 1


def test_another_ends_the_one_before(session: Session) -> None:
    shop, neighbour = make_shop(session), make_shop(session, "面馆")
    kept = enter(session, neighbour)
    first = enter(session, shop)
    second = enter(session, shop, number=OTHER)
    assert (first.ended_at is None, second.ended_at) == (False, None)
    assert queries.live(session, shop.id) is second
    assert queries.opened(session, first) == queries.Account(**GOOD)
    rules.end(session, shop_id=shop.id, now=clock.now())
    rules.end(session, shop_id=shop.id, now=clock.now())
    assert queries.live(session, shop.id) is None
    assert queries.live(session, neighbour.id) is kept


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "cash"}, "kind"),
        ({"holder": "  "}, "holder"),
        ({"holder": "h" * 81}, "holder"),
        ({"bank": ""}, "bank"),
        ({"bank": "b" * 81}, "bank"),
        ({"kind": "wallet", "bank": "", "number": "13800138000"}, "bank"),
        ({"number": OTHER[:-1] + "2"}, "number"),
    ],
    ids=["kind", "no-holder", "long-holder", "no-bank", "long-bank", "no-wallet", "number"],
)
def test_a_refusal_names_its_field_and_keeps_what_was(
    session: Session, wrong: dict[str, str], field: str
) -> None:
    shop = make_shop(session)
    row = enter(session, shop)
    with pytest.raises(RuleBroken) as refusal:
        enter(session, shop, **wrong)
    assert (refusal.value.status, refusal.value.params["field"]) == (422, field)
    assert queries.live(session, shop.id) is row


def test_an_iban_needs_no_bank(session: Session) -> None:
    shop = make_shop(session)
    row = enter(session, shop, kind="iban", bank="", number="de89 3704 0044 0532 0130 00")
    account = queries.opened(session, row)
    assert account is not None
    assert account.number == "DE89370400440532013000"


def test_a_shop_that_is_gone_takes_none(session: Session) -> None:
    with pytest.raises(NotAllowed):
        enter(session, make_shop(session, status="gone"))


def test_another_secret_opens_nothing_and_a_new_entry_heals(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(session)
    row = enter(session, shop)
    monkeypatch.setitem(seal._keys, db.engine.url, seal.derive("another secret"))
    assert queries.opened(session, row) is None
    again = enter(session, shop)
    assert queries.opened(session, again) == queries.Account(**GOOD)
    assert (row.ended_at is None, queries.live(session, shop.id)) == (False, again)


def test_a_seal_holds_for_its_own_shop_only(session: Session) -> None:
    shop, neighbour = make_shop(session), make_shop(session, "面馆")
    stolen, mine = enter(session, shop), enter(session, neighbour, number=OTHER)
    mine.sealed = stolen.sealed
    session.flush()
    assert queries.opened(session, mine) is None


def test_erasing_empties_what_the_person_entered(session: Session) -> None:
    shop, neighbour = make_shop(session), make_shop(session, "面馆")
    mine, ended = enter(session, shop), None
    ended, mine = mine, enter(session, shop, number=OTHER)
    theirs = enter(session, neighbour, by="other_owner")
    exported = registry.export(session, account_id=mine.account_id)["payout"]
    assert [row["tail"] for row in exported] == ["0128", "1111"]
    assert all("sealed" not in row for row in exported)
    registry.erase(session, account_id=mine.account_id)
    session.expire_all()
    for row in (ended, mine):
        assert (row.sealed, row.tail, queries.opened(session, row)) == ("", "", None)
    assert queries.live(session, shop.id) is None
    assert queries.opened(session, theirs) == queries.Account(**GOOD)
    again = enter(session, shop, by="successor")
    assert queries.live(session, shop.id) is again


def test_the_database_keeps_one_live_account_a_shop(session: Session) -> None:
    shop = make_shop(session)
    row = enter(session, shop)
    copy = text(
        "INSERT INTO payout (shop_id, account_id, sealed, tail, created_at)"
        " SELECT shop_id, account_id, sealed, tail, created_at FROM payout WHERE id = :id"
    )
    with pytest.raises(Exception, match=r"(?i)unique"):
        session.execute(copy, {"id": row.id})
