"""A claim's way from state to state: one door, and who waits behind it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.notifications import rules as notifications
from o2o.onboarding import queries
from o2o.onboarding.models import CLAIM_STATES, HOLDING, Claim
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import ROLES, Role, Shop

UNTOUCHED = timedelta(days=30)
LONGEST_REASON = 500


def move(
    session: Session, *, claim: Claim, to: str, now: datetime, by: int | None = None, reason: str = ""
) -> None:
    """Move a claim along CLAIM_STATES, fact claim.moved; RuleBroken no_way (409) where there is no such way."""
    if to not in CLAIM_STATES[claim.state]:
        sentence = N_("This has moved on meanwhile. Look at the page again.")
        raise RuleBroken("no_way", sentence)
    claim.state, claim.moved_at, claim.reason = to, now, reason.strip()[:LONGEST_REASON]
    if by is not None:
        claim.decided_by = by
    if to == "ready_for_review":
        claim.submitted_at = now
    session.flush()
    journal.record(session, "claim.moved", claim_id=claim.id, shop_id=claim.shop_id, to=to)


def locked(session: Session, claim_id: int) -> Claim:
    """Return a claim, its shop locked first: the rooms' order."""
    shop_id = queries.claim(session, claim_id).shop_id
    lock_shop(session, shop_id)
    return queries.claim(session, claim_id, lock=True)


def lock_shop(session: Session, shop_id: int) -> Shop:
    """Return a shop, locked, also one that is gone."""
    return session.get_one(Shop, shop_id, with_for_update=True, populate_existing=True)


def let_in(session: Session, claim: Claim) -> None:
    """Let a person prepare the shop they claim; RuleBroken already_there for who works there."""
    account_id = claim.account_id or 0
    held = shops.roles_of(session, account_id, claim.shop_id)
    if not held.isdisjoint(ROLES):
        raise RuleBroken("already_there", N_("You work at this shop already. Its owner can do the rest."))
    if not held:
        shop = shops.shop(session, claim.shop_id, behind=True)
        shop_rules.give_role(session, shop=shop, account_id=account_id, kind="claimant")
        session.flush()


def _works_there(session: Session, claim: Claim) -> bool:
    return not shops.roles_of(session, claim.account_id or 0, claim.shop_id).isdisjoint(ROLES)


def claimants_role(session: Session, claim: Claim) -> Role | None:
    """Return the role with which a person prepares the shop of their claim."""
    theirs = (Role.shop_id == claim.shop_id, Role.account_id == claim.account_id, Role.kind == "claimant")
    return session.scalar(select(Role).where(*theirs, Role.ended_at.is_(None)).with_for_update())


def next_one(session: Session, *, shop_id: int, now: datetime) -> Claim | None:
    """Give a shop that nobody holds to the oldest claim that waits, and tell that person."""
    shop = lock_shop(session, shop_id)
    if shop.status not in ("unclaimed", "proposed") or queries.claim_of(session, shop_id):
        return None
    waiting = queries.rivals(session, shop_id)
    free = (row for row in waiting if not _works_there(session, row))
    first = next(free, None)
    if first is None:
        return None
    move(session, claim=first, to="onboarding", now=now)
    let_in(session, first)
    tell(session, first, "claim.next", f"/console/{shop_id}/admission")
    return first


def turn_away(session: Session, *, shop_id: int, now: datetime) -> None:
    """End the claims that wait for a shop that another person has got, and tell them."""
    for claim in queries.rivals(session, shop_id):
        move(session, claim=claim, to="rejected", now=now, reason=N_("The shop has its owner here now."))
        tell(session, claim, "claim.taken", f"/shops/{shop_id}/claim")


def tell(session: Session, claim: Claim, kind: str, link: str, **values: str) -> None:
    """Put news about a claim into its person's inbox, once for each time it moved."""
    if claim.account_id is None:
        return
    shop = session.get_one(Shop, claim.shop_id)
    names = {"shop": shop.name, "shop_zh": shop.name_zh, "shop_en": shop.name_en}
    key = f"{kind}:{claim.id}:{int(claim.moved_at.timestamp() * 1000)}"
    notifications.tell(session, account_id=claim.account_id, key=key, kind=kind, link=link, **names, **values)


def holding(session: Session, shop_id: int) -> Claim | None:
    """Return the claim that holds a shop, both locked."""
    lock_shop(session, shop_id)
    rows = select(Claim).where(Claim.shop_id == shop_id, Claim.state.in_(HOLDING))
    return session.scalar(rows.with_for_update().execution_options(populate_existing=True))


def own(session: Session, *, shop_id: int, account_id: int) -> Claim:
    """Return somebody's newest claim of a shop; NotAllowed when they never claimed it."""
    found = queries.of_person(session, shop_id=shop_id, account_id=account_id)
    if found is None:
        raise NotAllowed
    return found
