"""A listing, its claimant and the operator, and every paper the house asks for."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.admission import rules as admission
from o2o.checklist import queries as asked
from o2o.checklist.rules import ensure
from o2o.kernel import clock
from o2o.kernel.errors import RuleBroken
from o2o.notifications.models import Message
from o2o.offers import rules as offers
from o2o.offers.rules import local_day
from o2o.onboarding import rules as onboarding
from o2o.onboarding.models import Claim
from o2o.papers import queries as answers
from o2o.papers import rules as papers
from o2o.papers.models import Submission
from o2o.photos.rules import Prepared
from o2o.requirements import rules as requirements
from o2o.shops import queries as shops
from o2o.shops.models import Shop
from tests.factories import make_account, make_shop

PHOTO = Prepared(b"large", b"small", 16, 16, "0" * 64)
HOURS = "Mo-Su 09:00-21:00"
LICENCE_DAYS = 400
DRAFT = offers.Draft(title="双人面", contents=(offers.Part("牛肉面", 2, 2500),), price=3800, valid_days=30)


def make_listing(session: Session, name: str = "老王面馆", **values: Any) -> Shop:
    """Make an unclaimed listing that says its hours; put what the house asks for by computing on the table."""
    return make_shop(session, name, **{"status": "unclaimed", "hours": HOURS, "phone": "010-1", **values})


def make_operator(session: Session) -> int:
    """Return the operator's account."""
    return make_account(session, "operator-judge").id


def make_claim(session: Session, shop: Shop, handle: str = "wang") -> Claim:
    """Claim a listing; the payout line is not asked for here, so that no bank account is needed."""
    ensure(session)
    requirements.set_requirement(session, key="payout", is_on=False, now=clock.now())
    account = make_account(session, handle)
    return onboarding.claim(session, shop_id=shop.id, account_id=account.id, now=clock.now())


def line(session: Session, claim: Claim, key: str) -> str:
    """Return the state of a line."""
    session.flush()
    found = answers.checklist(session, claim, clock.now())
    return next(one.state for one in found if one.requirement.key == key)


def answer(session: Session, claim: Claim, key: str, days: int = LICENCE_DAYS, **more: Any) -> Submission:
    """Answer a line the way its form does."""
    row = asked.requirement(session, key)
    said: dict[str, Any] = {"account_id": claim.account_id, "now": clock.now()}
    if row.asks_text:
        said["text"] = "王小明 010-12345"
    if row.asks_photo:
        said["photo"] = PHOTO
    if row.asks_expiry:
        said["expires_on"] = local_day(clock.now(), "Asia/Shanghai") + timedelta(days=days)
    if key == "terms":
        said["terms_version"] = asked.terms(session).version
    return papers.hand_in(session, claim_id=claim.id, requirement_id=row.id, **{**said, **more})


def answer_all(session: Session, claim: Claim, **more: Any) -> None:
    """Answer every line that wants an answer."""
    for row in asked.requirements(session):
        if row.kind != "computed":
            answer(session, claim, row.key, **more)


def make_ready(session: Session, shop: Shop, handle: str = "wang") -> Claim:
    """Claim a listing, answer everything and hand it in."""
    claim = make_claim(session, shop, handle)
    answer_all(session, claim)
    return papers.submit(session, claim_id=claim.id, now=clock.now())


def accept_all(session: Session, claim: Claim) -> None:
    """Accept everything that waits for a look."""
    for one in answers.checklist(session, claim, clock.now()):
        if one.state == "pending" and one.submission:
            decide(session, one.submission, "accepted")


def decide(session: Session, paper: Submission, decision: str, reason: str = "unreadable") -> Submission:
    """Decide one paper as the operator."""
    given = {
        "reason": reason if decision == "refused" else "",
        "by": make_operator(session),
        "now": clock.now(),
    }
    return papers.decide(session, submission_id=paper.id, decision=decision, **given)


def make_admitted(session: Session, shop: Shop, handle: str = "wang") -> Claim:
    """Take a listing the whole way to its owner."""
    claim = make_ready(session, shop, handle)
    accept_all(session, claim)
    return admission.approve(session, claim_id=claim.id, by=make_operator(session), now=clock.now())


def now_roles(session: Session, claim: Claim) -> set[str]:
    return shops.roles_of(session, claim.account_id or 0, claim.shop_id)


def told(session: Session, handle: str) -> list[str]:
    mine = select(Message.kind).where(Message.account_id == make_account(session, handle).id)
    return list(session.scalars(mine.order_by(Message.id)))


def refused(code: str, call, *args, **more) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RuleBroken) as refusal:
        call(*args, **more)
    assert refusal.value.code == code
