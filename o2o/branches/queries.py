"""Reads of groups and shared offers; an owner sees the branches that they own."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.branches.models import Branch, Group, SharedPart
from o2o.offers import queries as offers
from o2o.offers.models import Offer, Terms
from o2o.shops.models import Role, Shop


class Part(NamedTuple):
    """One branch's own offer of a shared one; `sold` counts vouchers."""

    shop: Shop
    offer: Offer
    terms: Terms
    sold: int


class Line(NamedTuple):
    """A shared offer: this shop's part, and those of the owner's other branches."""

    shared_id: int
    mine: Part
    others: list[Part]


def branch_of(session: Session, shop_id: int) -> Branch | None:
    """Return a shop's place in a group, None when it is in none."""
    return session.scalar(select(Branch).where(Branch.shop_id == shop_id, Branch.ended_at.is_(None)))


def member_ids(session: Session, group_id: int) -> list[int]:
    """List the shops of a group by number."""
    live = select(Branch.shop_id).where(Branch.group_id == group_id, Branch.ended_at.is_(None))
    return list(session.scalars(live.order_by(Branch.shop_id)))


def group(session: Session, shop_id: int) -> Group | None:
    """Return the group of a shop, None when it is in none."""
    held = branch_of(session, shop_id)
    return session.get(Group, held.group_id) if held else None


def owned_by(session: Session, *, account_id: int) -> dict[int, Shop]:
    """Return the shops that an account owns, by number."""
    rows = (
        select(Shop)
        .join(Role, Role.shop_id == Shop.id)
        .where(Role.account_id == account_id, Role.kind == "owner", Role.ended_at.is_(None))
        .where(Shop.status != "gone")
        .order_by(Shop.name, Shop.id)
    )
    return {shop.id: shop for shop in session.scalars(rows)}


def parts(session: Session, shared_id: int) -> list[SharedPart]:
    """List the parts of a shared offer that still go together, by shop."""
    rows = select(SharedPart).where(SharedPart.shared_id == shared_id, SharedPart.left_at.is_(None))
    return list(session.scalars(rows.order_by(SharedPart.shop_id, SharedPart.offer_id)))


def part_of(session: Session, *, shop_id: int, shared_id: int) -> SharedPart | None:
    """Return a shop's part of a shared offer, None when it has none."""
    mine = select(SharedPart).where(SharedPart.shared_id == shared_id, SharedPart.shop_id == shop_id)
    return session.scalars(mine.order_by(SharedPart.offer_id.desc())).first()


def shared_of(session: Session, *, shop_id: int, account_id: int) -> list[Line]:
    """List what a shop shares with the owner's other branches, the newest first; four queries."""
    mine = select(SharedPart.shared_id).where(SharedPart.shop_id == shop_id, SharedPart.left_at.is_(None))
    owned = owned_by(session, account_id=account_id)
    rows = session.execute(
        select(SharedPart.shared_id, Offer, Terms)
        .join(Offer, Offer.id == SharedPart.offer_id)
        .join(Terms, Terms.id == Offer.terms_id)
        .where(SharedPart.shared_id.in_(mine), SharedPart.left_at.is_(None), Offer.state != "ended")
        .where(SharedPart.shop_id.in_(owned))
        .order_by(SharedPart.shared_id.desc(), SharedPart.shop_id)
    ).all()
    sold = offers.sold_all(session, [offer.id for _shared, offer, _terms in rows])
    found: dict[int, list[Part]] = {}
    for shared_id, offer, terms in rows:
        found.setdefault(shared_id, []).append(Part(owned[offer.shop_id], offer, terms, sold[offer.id]))
    lines = []
    for shared_id, there in found.items():
        here = [part for part in there if part.shop.id == shop_id]
        if here:
            lines.append(Line(shared_id, here[0], [part for part in there if part.shop.id != shop_id]))
    return lines
