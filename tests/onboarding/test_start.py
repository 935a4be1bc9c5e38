"""Who may claim which shop."""

import pytest
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.errors import NotAllowed
from o2o.onboarding import rules as onboarding
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop
from tests.factories import make_account, make_role
from tests.onboarding.town import (
    make_claim,
    make_listing,
    refused,
)


def test_what_has_an_owner_or_is_hidden_cannot_be_claimed(session: Session) -> None:
    taken, gone = make_listing(session, status="claimed"), make_listing(session, status="gone")
    hidden = make_listing(session, status="delisted")
    guest = {"account_id": make_account(session, "wang").id, "now": clock.now()}
    refused("claimed", onboarding.claim, session, shop_id=taken.id, **guest)
    for shop in (gone, hidden, make_listing(session, status="proposed")):
        with pytest.raises(NotAllowed):
            onboarding.claim(session, shop_id=shop.id, **guest)


def test_nobody_blocks_the_town(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    from o2o.onboarding import start

    monkeypatch.setattr(start, "MOST_OPEN", 2)
    first = make_claim(session, make_listing(session))
    make_claim(session, make_listing(session))
    third = make_listing(session)
    guest = {"account_id": first.account_id, "now": clock.now()}
    refused("many_claims", onboarding.claim, session, shop_id=third.id, **guest)
    onboarding.withdraw(session, claim_id=first.id, now=clock.now())
    assert onboarding.claim(session, shop_id=third.id, **guest).state == "onboarding"


def test_an_import_keeps_what_somebody_claims(session: Session) -> None:
    claim = make_claim(session, make_listing(session))
    shop = session.get_one(Shop, claim.shop_id)
    assert not shop_rules.mark_gone(session, shop=shop)
    onboarding.withdraw(session, claim_id=claim.id, now=clock.now())
    assert shop_rules.mark_gone(session, shop=shop)


def test_who_works_there_need_not_claim(session: Session) -> None:
    shop = make_listing(session)
    make_role(session, shop, "staff")
    staff = make_account(session, "staff").id
    refused("already_there", onboarding.claim, session, shop_id=shop.id, account_id=staff, now=clock.now())
