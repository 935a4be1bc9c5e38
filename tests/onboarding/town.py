"""A listing, its claimant and the operator, and every paper the house asks for."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.offers.rules import local_day
from o2o.onboarding import queries, rules
from o2o.onboarding.models import Claim, Submission
from o2o.photos.rules import Prepared
from o2o.shops.models import Shop
from tests.factories import make_account, make_shop

PHOTO = Prepared(b"large", b"small", 16, 16, "0" * 64)
HOURS = "Mo-Su 09:00-21:00"
LICENCE_DAYS = 400


def make_listing(session: Session, name: str = "老王面馆", **values: Any) -> Shop:
    """Make an unclaimed listing that says its hours; put what the house asks for by computing on the table."""
    return make_shop(session, name, **{"status": "unclaimed", "hours": HOURS, "phone": "010-1", **values})


def make_operator(session: Session) -> int:
    """Return the operator's account."""
    return make_account(session, "operator-judge").id


def make_claim(session: Session, shop: Shop, handle: str = "wang") -> Claim:
    """Claim a listing; the payout line is not asked for here, so that no bank account is needed."""
    rules.ensure(session)
    rules.set_requirement(session, key="payout", is_on=False, now=clock.now())
    account = make_account(session, handle)
    return rules.claim(session, shop_id=shop.id, account_id=account.id, now=clock.now())


def line(session: Session, claim: Claim, key: str) -> str:
    """Return the state of a line."""
    session.flush()
    found = queries.checklist(session, claim, clock.now())
    return next(one.state for one in found if one.requirement.key == key)


def answer(session: Session, claim: Claim, key: str, days: int = LICENCE_DAYS, **more: Any) -> Submission:
    """Answer a line the way its form does."""
    row = queries.requirement(session, key)
    said: dict[str, Any] = {"account_id": claim.account_id, "now": clock.now()}
    if row.asks_text:
        said["text"] = "王小明 010-12345"
    if row.asks_photo:
        said["photo"] = PHOTO
    if row.asks_expiry:
        said["expires_on"] = local_day(clock.now(), "Asia/Shanghai") + timedelta(days=days)
    if key == "terms":
        said["terms_version"] = queries.terms(session).version
    return rules.hand_in(session, claim_id=claim.id, requirement_id=row.id, **{**said, **more})


def answer_all(session: Session, claim: Claim, **more: Any) -> None:
    """Answer every line that wants an answer."""
    for row in queries.requirements(session):
        if row.kind != "computed":
            answer(session, claim, row.key, **more)


def make_ready(session: Session, shop: Shop, handle: str = "wang") -> Claim:
    """Claim a listing, answer everything and hand it in."""
    claim = make_claim(session, shop, handle)
    answer_all(session, claim)
    return rules.submit(session, claim_id=claim.id, now=clock.now())


def accept_all(session: Session, claim: Claim) -> None:
    """Accept everything that waits for a look."""
    for one in queries.checklist(session, claim, clock.now()):
        if one.state == "pending" and one.submission:
            decide(session, one.submission, "accepted")


def decide(session: Session, paper: Submission, decision: str, reason: str = "unreadable") -> Submission:
    """Decide one paper as the operator."""
    given = {
        "reason": reason if decision == "refused" else "",
        "by": make_operator(session),
        "now": clock.now(),
    }
    return rules.decide(session, submission_id=paper.id, decision=decision, **given)


def make_admitted(session: Session, shop: Shop, handle: str = "wang") -> Claim:
    """Take a listing the whole way to its owner."""
    claim = make_ready(session, shop, handle)
    accept_all(session, claim)
    return rules.approve(session, claim_id=claim.id, by=make_operator(session), now=clock.now())
