"""Reads of claims: whose a shop is, who waits, and which places may be one."""

from math import cos, radians
from unicodedata import normalize

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.kernel.errors import NotAllowed
from o2o.kernel.geo import haversine
from o2o.onboarding.models import HOLDING, Claim
from o2o.shops.models import VISIBLE, Shop

SAME = 100.0  # metres within which one name means one shop
METRES = 111_195.0  # of a degree of latitude on the sphere that haversine uses


def claim(session: Session, claim_id: int, *, lock: bool = False) -> Claim:
    """Return a claim, NotAllowed when there is none; `lock` holds off other changes until the commit."""
    row = session.get(Claim, claim_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotAllowed
    return row


def claim_of(session: Session, shop_id: int) -> Claim | None:
    """Return the claim that holds a shop."""
    return session.scalar(select(Claim).where(Claim.shop_id == shop_id, Claim.state.in_(HOLDING)))


def of_person(session: Session, *, shop_id: int, account_id: int) -> Claim | None:
    """Return somebody's newest claim of a shop, whatever became of it."""
    theirs = select(Claim).where(Claim.shop_id == shop_id, Claim.account_id == account_id)
    return session.scalars(theirs.order_by(Claim.id.desc()).limit(1)).first()


def mine(session: Session, account_id: int) -> list[tuple[Claim, Shop]]:
    """List somebody's claims that are not over, the newest first."""
    rows = (
        select(Claim, Shop)
        .join(Shop, Shop.id == Claim.shop_id)
        .where(Claim.account_id == account_id, Claim.state.not_in(("withdrawn", "closed")))
        .order_by(Claim.id.desc())
    )
    return [(row, shop) for row, shop in session.execute(rows)]


def rivals(session: Session, shop_id: int) -> list[Claim]:
    """List the people whose claims wait for a shop, in their order."""
    waiting = (Claim.shop_id == shop_id, Claim.state == "pending", Claim.account_id.is_not(None))
    return list(session.scalars(select(Claim).where(*waiting).order_by(Claim.id)))


def queue(
    session: Session, *, state: str = "ready_for_review", offset: int = 0, most: int = 26
) -> list[tuple[Claim, Shop]]:
    """List the claims in a state with their shops: those to look at by when they were handed in."""
    rows = (
        select(Claim, Shop)
        .join(Shop, Shop.id == Claim.shop_id)
        .where(Claim.state == state)
        .order_by(Claim.submitted_at, Claim.id)
        .offset(offset)
        .limit(most)
    )
    return [(row, shop) for row, shop in session.execute(rows)]


def count_waiting(session: Session) -> int:
    """Count the claims that wait for the operator."""
    rows = select(func.count()).select_from(Claim).where(Claim.state == "ready_for_review")
    return session.scalar(rows) or 0


def same_nearby(session: Session, *, name: str, lat: float, lng: float) -> list[Shop]:
    """List shops of this name within SAME metres: a new place may be one that is on the map."""
    high = SAME / METRES
    wide = high / max(0.01, cos(radians(lat)))
    rows = select(Shop).where(
        Shop.status.in_(VISIBLE),
        Shop.lat.between(lat - high, lat + high),
        Shop.lng.between(lng - wide, lng + wide),
    )
    wanted = _plain(name)
    return [
        row
        for row in session.scalars(rows.order_by(Shop.id))
        if wanted in {_plain(text) for text in (row.name, row.name_zh, row.name_en)}
        and haversine(lat, lng, row.lat, row.lng) <= SAME
    ]


def _plain(text: str | None) -> str:
    """Drop what writers of one name differ in: case, width, space and dots."""
    return "".join(letter for letter in normalize("NFKC", text or "").casefold() if letter.isalnum())
