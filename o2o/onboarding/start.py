"""How a claim begins: asked for on a listing, with a new place on the map, or by the operator's invitation."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.checklist.rules import ensure
from o2o.kernel import journal
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.geo import haversine
from o2o.kernel.words import N_
from o2o.onboarding import queries
from o2o.onboarding.ending import end_role, withdraw_invites
from o2o.onboarding.machine import claimants_role, let_in, locked, move
from o2o.onboarding.models import Claim
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop

# A person with more shops than this at once asks the operator; nobody blocks a town by claiming it.
MOST_OPEN = 10
FARTHEST = 60_000.0  # metres from the middle of the town
UNDECIDED = ("pending", "invited", "onboarding", "ready_for_review", "rejected")


def claim(session: Session, *, shop_id: int, account_id: int, now: datetime) -> Claim:
    """Ask for a listing: the first holds it and may prepare it, a later one waits (pending).

    Asking again is asking once; one that was turned down goes on. Locks the shop. RuleBroken claimed for a shop that
    has its owner, already_there, many_claims.
    """
    ensure(session)
    shop = shops.shop(session, shop_id, lock=True, behind=True)
    before = queries.of_person(session, shop_id=shop_id, account_id=account_id)
    is_open = before is not None and before.state not in ("withdrawn", "closed")
    if shop.status != "unclaimed" and not (is_open and shop.status == "proposed"):
        if shop.status != "claimed":
            raise NotAllowed
        raise RuleBroken("claimed", N_("This shop has its owner here already. Tell us if that is wrong."))
    if before is not None and is_open:
        return retry(session, claim_id=before.id, now=now) if before.state == "rejected" else before
    _check_few(session, account_id)
    is_held = queries.claim_of(session, shop_id) is not None
    row = _write(session, shop_id, account_id, "pending" if is_held else "onboarding", "claim", now)
    if not is_held:
        let_in(session, row)
    return row


def propose(
    session: Session, *, account_id: int, name: str, category: str, lat: float, lng: float, now: datetime
) -> Claim:
    """Put a new shop on the map that nobody else sees, and claim it. RuleBroken 422 names the wrong field."""
    ensure(session)
    _check_few(session, account_id)
    town = shops.founded(session)
    if haversine(town.lat, town.lng, lat, lng) > FARTHEST:
        raise RuleBroken("far", N_("That is outside this town."), status=422, field="lat")
    shop = shop_rules.propose(session, name=name, category=category, lat=lat, lng=lng)
    row = _write(session, shop.id, account_id, "onboarding", "claim", now)
    let_in(session, row)
    return row


def retry(session: Session, *, claim_id: int, now: datetime) -> Claim:
    """Go on with a claim that was turned down; RuleBroken held while another is looked at, claimed once owned."""
    row = locked(session, claim_id)
    shop = session.get_one(Shop, row.shop_id)
    if shop.status == "claimed":
        raise RuleBroken("claimed", N_("This shop has its owner here already. Tell us if that is wrong."))
    if queries.claim_of(session, row.shop_id) is not None:
        raise RuleBroken(
            "held", N_("Somebody else's claim is being looked at. Try again when it is decided.")
        )
    move(session, claim=row, to="onboarding", now=now)
    let_in(session, row)
    return row


def prepare(session: Session, *, shop_id: int, now: datetime) -> Claim:
    """Begin a claim for somebody whom the operator will invite; the one that stands already is as good."""
    ensure(session)
    shop = shops.shop(session, shop_id, lock=True)
    if shop.status != "unclaimed":
        raise RuleBroken("claimed", N_("This shop has its owner here already. Tell us if that is wrong."))
    waiting = (Claim.shop_id == shop_id, Claim.account_id.is_(None), Claim.state.in_(("pending", "invited")))
    found = session.scalars(select(Claim).where(*waiting)).first()
    return found or _write(session, shop_id, None, "pending", "invite", now)


def invite(session: Session, *, claim_id: int, now: datetime) -> str:
    """Invite somebody to claim a shop and return the invitation's token; RuleBroken held while another is looked at."""
    row = locked(session, claim_id)
    if row.account_id is not None:
        raise RuleBroken("no_way", N_("This has moved on meanwhile. Look at the page again."))
    holder = queries.claim_of(session, row.shop_id)
    if holder is not None and holder.id != row.id:
        raise RuleBroken(
            "held", N_("Somebody else's claim is being looked at. Try again when it is decided.")
        )
    if row.state != "invited":
        move(session, claim=row, to="invited", now=now)
    return shop_rules.invite(session, shop_id=row.shop_id, kind="claimant")


def accept(session: Session, *, shop_id: int, account_id: int, now: datetime) -> Claim:
    """Begin the claim of a person who was given the role of a claimant: an invited one goes on, else a new one.

    Where another person's claim holds the shop, the role ends and theirs waits.
    """
    ensure(session)
    shops.shop(session, shop_id, lock=True, behind=True)
    holder = queries.claim_of(session, shop_id)
    if holder is None:
        return _write(session, shop_id, account_id, "onboarding", "invite", now)
    if holder.state == "invited" and holder.account_id is None:
        holder.account_id = account_id
        move(session, claim=holder, to="onboarding", now=now)
        withdraw_invites(session, shop_id=shop_id)
    if holder.account_id == account_id:
        return holder
    return _wait(session, shop_id, account_id, now)


def _wait(session: Session, shop_id: int, account_id: int, now: datetime) -> Claim:
    mine = queries.of_person(session, shop_id=shop_id, account_id=account_id)
    is_open = mine is not None and mine.state not in ("withdrawn", "closed")
    row = mine if mine and is_open else _write(session, shop_id, account_id, "pending", "invite", now)
    role = claimants_role(session, row)
    if role is not None:
        end_role(session, role, now)
    return row


def _write(
    session: Session, shop_id: int, account_id: int | None, state: str, way: str, now: datetime
) -> Claim:
    row = Claim(shop_id=shop_id, account_id=account_id, state=state, way=way, created_at=now, moved_at=now)
    session.add(row)
    session.flush()
    journal.record(session, "claim.moved", claim_id=row.id, shop_id=shop_id, to=state)
    return row


def _check_few(session: Session, account_id: int) -> None:
    """Refuse more claims than MOST_OPEN that are not decided yet."""
    theirs = (Claim.account_id == account_id, Claim.state.in_(UNDECIDED))
    if (session.scalar(select(func.count()).select_from(Claim).where(*theirs)) or 0) >= MOST_OPEN:
        sentence = N_("You have %(most)s claims open. Finish or withdraw one first.")
        raise RuleBroken("many_claims", sentence, most=MOST_OPEN)
