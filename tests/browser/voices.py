"""What the people of the tests' town say: reviews that count and that do not, answers, private lines, reports."""

import io
from functools import cache
from typing import TYPE_CHECKING, Any

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.checkin.models import Visit
from o2o.kernel import clock
from o2o.photos import rules as photos
from o2o.photos.rules import Prepared
from o2o.reports import rules as reports
from o2o.reviews import rules as reviews
from o2o.shops.models import Shop
from tests import factories

if TYPE_CHECKING:
    from tests.browser.world import World

LONG_WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
WORDS = (
    f"热汤很香，店员记得我不吃香菜。{LONG_WORD} "
    "https://example.org/a/very/long/address/that/nobody/would/type/by/hand\n\n下次还来。"
) * 2
REPLY = f"谢谢你！{LONG_WORD} 下周换新菜单。" * 3
WHY = f"说的是另一家店（{LONG_WORD}）。"


@cache
def picture(colour: str) -> Prepared:
    """Make a small photo."""
    file = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(file, "JPEG")
    return photos.prepare(file.getvalue())


def speak(session: Session, world: "World") -> None:
    """Let guest and stranger write, the owner reply, the operator decide."""
    by = {name: factories.make_account(session, name).id for name in ("guest", "stranger", "passer-by")}
    now = clock.now()
    told = {"redemption_id": world.redemptions["told"], "account_id": by["guest"], "now": now}
    reviews.answer(session, is_kept=False, missing=f"没有甜品。{LONG_WORD}", **told)
    reviews.say(session, text=f"洗手间的灯坏了。{LONG_WORD}", key="line-told", **told)
    mine = reviews.write(
        session, rating=4, text=WORDS, key="review-told", photos=[picture("tomato"), picture("teal")], **told
    )
    _reply(session, world, mine.id)
    apart = _of_visit(session, by["stranger"], key="review-apart", rating=2, text=WORDS)
    hidden = _of_visit(session, by["passer-by"], key="review-hidden", rating=1, text="Not this shop")
    world.reviews = {"mine": mine.id, "apart": apart, "hidden": hidden}
    _report(session, world, by)


def _of_visit(session: Session, account_id: int, **said: Any) -> int:
    """Write about one's only visit."""
    visit = session.scalars(select(Visit.id).where(Visit.account_id == account_id)).one()
    return reviews.write(session, account_id=account_id, visit_id=visit, now=clock.now(), **said).id


def _reply(session: Session, world: "World", review_id: int) -> None:
    owner = factories.make_account(session, "owner").id
    reviews.reply(
        session, shop_id=world.shop, account_id=owner, review_id=review_id, text=REPLY, now=clock.now()
    )


def _report(session: Session, world: "World", by: dict[str, int]) -> None:
    """Report a shop and a review, which stay open, and two things that are decided."""
    shop, listing = session.get_one(Shop, world.shop), session.get_one(Shop, world.listing)
    closed = factories.make_report(session, listing, text=WORDS, photo=picture("gold"))
    fake = factories.make_report(session, shop, reason="fake", text=WORDS, review_id=world.reviews["apart"])
    wrong = factories.make_report(session, shop, "stranger", reason="wrong", text=WORDS)
    other = factories.make_report(
        session, shop, reason="other", text=WORDS, review_id=world.reviews["hidden"]
    )
    operator = factories.make_account(session, "operator").id
    for report, state in ((wrong, "dismissed"), (other, "upheld")):
        reports.decide(
            session, report_id=report.id, operator_id=operator, state=state, words=WHY, now=clock.now()
        )
    world.reports = {"shop": closed.id, "review": fake.id, "dismissed": wrong.id, "upheld": other.id}
