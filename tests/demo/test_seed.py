"""The demo through the rules: every state there, every invariant green, no real data touched."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.accounts.queries import account_by_handle
from o2o.accounts.rules import create_account
from o2o.basemap.models import Feature
from o2o.capacity import queries as capacity
from o2o.checkin.models import Poster, Visit
from o2o.demo import rules
from o2o.demo.offers import read_offers
from o2o.demo.people import CALLS, GUIDE_STOPS, HANDLES
from o2o.demo.seed import seed
from o2o.guides import queries as guides
from o2o.kernel import checks, clock
from o2o.kernel.db import Base, begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.notifications.models import Message
from o2o.offers import rules as offers
from o2o.offers.draft import check
from o2o.offers.models import Offer, Terms
from o2o.offers.rules import total_key
from o2o.passes import queries as passes
from o2o.payments import rules as payments
from o2o.payments.models import SandboxCall
from o2o.redemption.models import Redemption
from o2o.shops import queries as shops
from o2o.shops.models import Shop
from o2o.vocabulary.models import ShopTerm
from tests import factories
from tests.house.matrix import fingerprint


@pytest.fixture
def seeded(app: Flask) -> Session:
    assert seed(db.session, payments.provider(app.config["O2O"]))
    return db.session


def wallet(session: Session, handle: str) -> list[passes.Held]:
    account = account_by_handle(session, handle)
    assert account is not None
    return passes.wallet(session, account.id)


def test_every_offer_could_have_been_written_by_an_owner() -> None:
    kept = read_offers(date(2026, 3, 1))
    assert len(kept) >= 45
    drafts = [draft for keep in kept for draft in keep.drafts]
    for draft in drafts:
        check(draft, date(2026, 3, 1))
        assert draft.price < draft.parts_price, "every offer saves something"
    assert any(draft.price == 0 for draft in drafts)
    assert any(draft.uses > 1 for draft in drafts)
    assert all(len(keep.drafts) <= 3 for keep in kept)
    assert sum(keep.keeper == "owner" for keep in kept) > 1


def test_the_seeded_town_is_whole(app: Flask, seeded: Session) -> None:
    town = shops.town(seeded)
    assert town is not None
    assert (town.name_zh, town.is_demo, town.has_osm, town.currency) == ("柳溪镇", True, False, "CNY")
    assert checks.broken(seeded) == []
    assert seeded.scalar(select(func.count()).select_from(Shop)) >= 110
    assert seeded.scalar(select(func.count()).select_from(Feature)) > 500
    assert seeded.scalar(select(func.count(ShopTerm.shop_id.distinct()))) >= 110
    handles = set(seeded.scalars(select(Account.handle)))
    assert set(HANDLES) <= handles
    operator = account_by_handle(seeded, "operator")
    assert operator is not None
    assert operator.is_operator


def test_the_guests_wallet_shows_every_state(seeded: Session) -> None:
    now = clock.now()
    held = wallet(seeded, "guest")
    states = {passes.state_at(one.pass_, now) for one in held}
    assert {"valid", "used", "expired", "refunding", "refunded"} <= states
    packs = [one for one in held if one.pass_.uses > 1]
    assert any(0 < one.pass_.uses_left < one.pass_.uses for one in packs)
    assert any(one.pass_.paid == 0 and one.pass_.state == "valid" for one in held)
    assert any(one.pass_.paid == 0 and one.pass_.state == "expired" for one in held)
    assert len(wallet(seeded, "guest2")) >= 3


def test_offers_are_in_every_state_and_one_is_nearly_gone(seeded: Session) -> None:
    states = set(seeded.scalars(select(Offer.state)))
    assert states == {"on_sale", "paused", "ended"}
    capped = seeded.scalars(select(Terms).where(Terms.total_cap == 12)).one()
    assert capacity.left(seeded, [total_key(capped.offer_id)]) == {total_key(capped.offer_id): 2}


def test_people_work_where_they_should(seeded: Session) -> None:
    def roles(handle: str) -> list[str]:
        account = account_by_handle(seeded, handle)
        assert account is not None
        return [kind for _, kind in shops.shops_of(seeded, account_id=account.id)]

    assert roles("staff") == ["staff"]
    assert roles("staff2") == ["staff"]
    assert roles("owner").count("owner") >= 3
    assert roles("guest") == []


def test_the_inbox_and_the_till_have_something_to_show(seeded: Session) -> None:
    guest = account_by_handle(seeded, "guest")
    assert guest is not None
    kinds = set(seeded.scalars(select(Message.kind).where(Message.account_id == guest.id)))
    assert {"order.paid", "pass.redeemed", "refund.requested", "refund.paid"} <= kinds
    redeemed = seeded.scalars(select(Redemption)).all()
    assert len(redeemed) >= 10
    assert all(row.at <= clock.now() for row in redeemed)
    assert not seeded.scalars(select(SandboxCall).where(SandboxCall.sent_at.is_(None))).all()


def test_people_called_and_the_operator_recommends(app: Flask, seeded: Session) -> None:
    now = clock.now()
    visits = seeded.scalars(select(Visit)).all()
    assert len(visits) == len(CALLS)
    assert all(visit.at <= now for visit in visits)
    assert sum(visit.confirmed_at is not None for visit in visits) == sum(call.confirmed for call in CALLS)
    posters = seeded.scalars(select(Poster)).all()
    owner = account_by_handle(seeded, "owner")
    assert owner is not None
    owned = {shop.id for shop, kind in shops.shops_of(seeded, account_id=owner.id) if kind == "owner"}
    assert len({poster.shop_id for poster in posters} & owned) >= 3
    [guide] = guides.guides(seeded, public_only=True)
    assert guide.size == len(GUIDE_STOPS)
    assert sum(place.is_paid for place in guides.stops(seeded, guide.guide.id)) == 1
    for table in ("review", "answer", "line"):
        assert seeded.scalar(select(func.count()).select_from(Base.metadata.tables[table])) == 0


def test_has_left_is_true_to_the_offers(seeded: Session) -> None:
    assert offers.changed_left(seeded, now=clock.now()) == {}
    assert seeded.scalar(select(func.count()).where(Shop.has_left)) > 20


def test_a_second_seeding_changes_nothing(app: Flask, seeded: Session) -> None:
    before = fingerprint(seeded)
    assert not seed(seeded, payments.provider(app.config["O2O"]))
    assert fingerprint(seeded) == before
    done = app.test_cli_runner().invoke(args=["seed"])
    assert done.exit_code == 0
    assert "already" in done.output


def test_a_seeding_cut_off_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = payments.provider(app.config["O2O"])

    def cut(*args: object, **values: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rules, "live_on", cut)
        with pytest.raises(KeyboardInterrupt):
            seed(db.session, bank)
    db.session.rollback()
    assert rules.stage(db.session) == "half"
    assert seed(db.session, bank)
    assert rules.stage(db.session) == "done"
    assert checks.broken(db.session) == []
    assert {one.pass_.state for one in wallet(db.session, "guest")} >= {"used", "expired", "refunded"}


@pytest.mark.parametrize("data", ["town", "account"])
def test_real_data_is_refused_and_stays(app: Flask, data: str) -> None:
    begin_write()
    if data == "town":
        factories.make_town(db.session)
    else:
        create_account(db.session, handle="somebody")
    db.session.commit()
    before = fingerprint(db.session)
    with pytest.raises(RuleBroken, match="real_data"):
        seed(db.session, payments.provider(app.config["O2O"]))
    db.session.rollback()
    refused = app.test_cli_runner().invoke(args=["seed"])
    assert refused.exit_code == 1
    assert "real data" in refused.output
    assert fingerprint(db.session) == before
