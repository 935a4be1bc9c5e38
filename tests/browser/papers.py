"""Claims at every stage, for the operator's desk; each of a listing of its own."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from o2o.admission import rules as admission
from o2o.kernel import clock
from o2o.onboarding import rules as onboarding
from o2o.onboarding.models import Claim
from o2o.papers import rules as papers
from o2o.requirements import rules as requirements
from o2o.shops.models import Shop
from tests.browser.voices import LONG_WORD, picture
from tests.factories import make_account
from tests.onboarding.town import answer, answer_all, make_claim, make_listing

if TYPE_CHECKING:
    from tests.browser.world import World

NAME = f"五道口胡同深处的老北京手工炸酱面（{LONG_WORD}）"[:120]
WORDS = "欧阳慕容诗涵，店主；Maximiliane Hohenstein-Schleswig, +86 10 8261 0000 ext. 1234 " * 3


def hand_in(session: Session, world: "World") -> None:
    """Hand a claim in with a rival behind it, begin one, prepare one, turn one down; add a line of the operator's."""
    now, operator = clock.now(), make_account(session, "operator").id
    shop = make_listing(session, NAME)
    ready = _ready(session, shop)
    papers.take_back(session, claim_id=ready.id, now=now)
    answer(session, ready, "identity", text=WORDS[:200])
    answer(session, ready, "licence", photo=picture("linen"))
    papers.submit(session, claim_id=ready.id, now=now)
    world.claims["ready"] = ready.id
    world.claims["waiting"] = make_claim(session, shop, "rival").id
    world.claims["begun"] = make_claim(session, make_listing(session, "Begun"), "claimant").id
    world.claims["later"] = onboarding.prepare(session, shop_id=make_listing(session, "Later").id, now=now).id
    turned = _ready(session, make_listing(session, "Turned down"))
    admission.reject(session, claim_id=turned.id, reason=NAME, by=operator, now=now)
    world.claims["rejected"] = turned.id
    titles = {"title_zh": NAME[:80], "title_en": LONG_WORD, "help_zh": NAME, "help_en": LONG_WORD}
    world.line = requirements.add_requirement(
        session, kind="verified", asks_photo=True, now=now, **titles
    ).key


def _ready(session: Session, shop: Shop) -> Claim:
    claim = make_claim(session, shop, "claimant")
    answer_all(session, claim, photo=picture("beige"))
    return papers.submit(session, claim_id=claim.id, now=clock.now())
