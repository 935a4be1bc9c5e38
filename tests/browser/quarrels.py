"""What offline tills of the tests' town took twice: conflicts, strikes and held uses, with the longest words."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.conflicts import rules, strikes
from o2o.conflicts.models import Strike
from o2o.kernel import clock
from o2o.offers.models import Offer, Terms
from o2o.shops.models import Shop
from o2o.tills.rules import LONGEST_NAME
from tests import factories
from tests.browser.voices import LONG_WORD, WORDS
from tests.conflicts.town import make_claim, quarrel
from tests.tills.phones import make_till

if TYPE_CHECKING:
    from tests.browser.world import World


def fight(session: Session, world: "World") -> None:
    """Have passes taken twice: shown twice (a strike stands, one is disputed, one lifted), held, sent too late."""
    shop, now = session.get_one(Shop, world.shop), clock.now()
    terms = session.get_one(Terms, session.get_one(Offer, world.offers["long-zh"]).terms_id)
    operator = factories.make_account(session, "operator").id
    names = (LONG_WORD[:LONGEST_NAME], "收银台" * 13)
    tills = [make_till(session, shop, "owner", name=name, now=now) for name in names]
    before = now - timedelta(hours=2)
    for name in ("twice", "disputed", "lifted", "doubted"):
        held = factories.make_pass(session, terms, issued_at=before)
        rows = quarrel(session, tills, held, now, drift=30 if name == "doubted" else 0)
        world.conflicts[name], world.passes[name] = rows[0].id, held.id
        struck = session.scalars(select(Strike).where(Strike.conflict_id == rows[0].id)).one_or_none()
        if name == "disputed" and struck:
            given = {"strike_id": struck.id, "account_id": held.account_id, "now": now}
            strikes.dispute(session, said=WORDS, **given)
            rules.see(session, shop_id=shop.id, conflict_id=rows[0].id, now=now)
        if name == "lifted" and struck:
            why = f"时间对不上（{LONG_WORD}）。"
            strikes.judge_strike(session, strike_id=struck.id, by=operator, uphold=False, why=why, now=now)
    typed = factories.make_pass(session, terms, issued_at=before)
    given = {"pass_": typed, "staff_id": tills[0].asked_by, "at": now - timedelta(minutes=30)}
    make_claim(session, tills[0], kind="typed", received_at=now, **given)
    world.conflicts["typed"] = quarrel(session, tills, typed, now)[0].id
