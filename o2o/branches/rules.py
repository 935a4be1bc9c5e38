"""What happens to groups of shops and to the offers that they share."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.acts import rules as acts
from o2o.branches import queries
from o2o.branches.models import Branch, Group, Shared, SharedPart
from o2o.designer import queries as plans
from o2o.designer import rules as designer
from o2o.designer.rules import Costs
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.offers import queries as offer_queries
from o2o.offers import rules as offers
from o2o.offers.models import Offer, Terms
from o2o.offers.rules import Draft, Part
from o2o.shops import queries as shops
from o2o.shops.models import Shop

__all__ = ["carry", "close", "join", "leave", "make_local", "move_all", "share"]

COPIED = (
    "title", "price", "notes", "uses", "valid_days", "valid_from", "valid_until", "weekdays", "from_minute",
    "to_minute", "per_person", "total_cap", "day_cap", "refund_before_use", "refund_at_expiry",
)  # fmt: skip
MOVES: dict[str, Callable[..., Offer]] = {"pause": offers.pause, "resume": designer.resume, "end": offers.end}


def join(session: Session, *, shop_id: int, other_id: int, account_id: int, now: datetime) -> Group:
    """Put two shops of one owner into one group, made when there is none; together already is as good.

    NotAllowed for a shop that this account does not own, RuleBroken same_shop, other_group (409).
    """
    if shop_id == other_id:
        raise RuleBroken("same_shop", N_("Choose another shop than this one."), status=422, field="other")
    found = _lock(session, [shop_id, other_id], account_id)
    mine, theirs = (queries.branch_of(session, one) for one in (shop_id, other_id))
    if mine and theirs:
        if mine.group_id == theirs.group_id:
            return session.get_one(Group, mine.group_id)
        raise RuleBroken("other_group", N_("That shop belongs to another group. Take it out there first."))
    there = mine or theirs
    group = (
        session.get_one(Group, there.group_id) if there else _new_group(session, found[0], account_id, now)
    )
    for one, held in ((shop_id, mine), (other_id, theirs)):
        if held is None:
            session.add(Branch(group_id=group.id, shop_id=one, joined_at=now))
    session.flush()
    return group


def leave(session: Session, *, shop_id: int, now: datetime) -> None:
    """Take a shop out of its group: what it sells stays on sale, as its own; done already is as good."""
    shops.shop(session, shop_id, lock=True, behind=True)
    held = queries.branch_of(session, shop_id)
    if held is None:
        return
    held.ended_at = now
    parts = select(SharedPart).where(SharedPart.shop_id == shop_id, SharedPart.left_at.is_(None))
    for part in session.scalars(parts):
        part.left_at = now
    session.flush()


def close(session: Session, *, shop_id: int, now: datetime) -> list[int]:
    """Take a shop that closes out of its group; return the others, which keep what they share.

    Each of them has it in its acts, for their owners did not do it.
    """
    held = queries.branch_of(session, shop_id)
    others = [one for one in queries.member_ids(session, held.group_id) if one != shop_id] if held else []
    leave(session, shop_id=shop_id, now=now)
    for one in others:
        acts.record(session, verb="branches.close", shop_id=one, branch=shop_id)
    return others


def share(
    session: Session, *, shop_id: int, offer_id: int, with_ids: Sequence[int], account_id: int, now: datetime
) -> Shared:
    """Publish a shop's offer in other branches too: the same words, price and caps, each with its own vouchers.

    A branch that has it already is left as it is. RuleBroken not_a_branch for a shop outside the group, not_published
    for a draft, and whatever publishing there refuses; all or none.
    """
    _lock(session, [shop_id, *with_ids], account_id)
    offer = offer_queries.desk_offer(session, shop_id=shop_id, offer_id=offer_id)
    if offer.state not in ("on_sale", "paused"):
        raise RuleBroken("not_shareable", N_("Only an offer that is on sale or paused can be shared."))
    here = queries.branch_of(session, shop_id)
    group_ids = set(queries.member_ids(session, here.group_id)) if here else set()
    if here is None or not set(with_ids) <= group_ids:
        raise RuleBroken(
            "not_a_branch", N_("Choose branches of your own group."), status=422, field="branches"
        )
    shared = _shared(session, offer, here.group_id, now)
    terms, costs = offer_queries.current_terms(session, offer), _costs(session, offer)
    have = {part.shop_id for part in queries.parts(session, shared.id)}
    for other in sorted(set(with_ids) - have):
        made = designer.publish(session, shop_id=other, draft=as_draft(terms), costs=costs)
        session.add(SharedPart(offer_id=made.id, shared_id=shared.id, shop_id=other))
    session.flush()
    return shared


def carry(session: Session, *, shop_id: int, shared_id: int, account_id: int) -> int:
    """Write this branch's current terms into the other branches of a shared offer; return how many changed.

    One that is closing sells nothing any more, and does not hold up the others.
    """
    parts, mine = _parts(session, shop_id, shared_id, account_id)
    offer = session.get_one(Offer, mine.offer_id)
    terms, costs = offer_queries.current_terms(session, offer), _costs(session, offer)
    changed = 0
    for part in parts:
        other = session.get_one(Offer, part.offer_id)
        differs = not same(terms, offer_queries.current_terms(session, other))
        is_closing = session.get_one(Shop, part.shop_id).closes_at is not None
        if part is not mine and other.state != "ended" and differs and not is_closing:
            designer.revise(session, offer_id=other.id, draft=as_draft(terms), costs=costs)
            changed += 1
    return changed


def move_all(
    session: Session, *, shop_id: int, shared_id: int, what: str, account_id: int, known: str = ""
) -> int:
    """Pause, resume or end a shared offer in all branches; what has ended stays so. Return how many it concerned.

    Resuming asks once for all that are under cost: RuleBroken under_cost unless their worst cases together are `known`.
    """
    if what not in MOVES:
        raise NotAllowed
    parts, _mine = _parts(session, shop_id, shared_id, account_id)
    there = [part for part in parts if session.get_one(Offer, part.offer_id).state != "ended"]
    more = _asked(session, there, known) if what == "resume" else {}
    for part in there:
        MOVES[what](session, offer_id=part.offer_id, **more.get(part.offer_id, {}))
    return len(there)


def _asked(session: Session, parts: Sequence[SharedPart], known: str) -> dict[int, dict[str, str]]:
    """Ask about the paused ones under cost together; return what each of them is resumed with."""
    paused = [part.offer_id for part in parts if session.get_one(Offer, part.offer_id).state == "paused"]
    found = {offer_id: designer.loss(session, offer_id=offer_id) for offer_id in paused}
    asked = {offer_id: worst for offer_id, worst in found.items() if worst is not None}
    if asked:
        designer.ask(designer.together(list(asked.values())), known)
    return {offer_id: {"known": worst.figure} for offer_id, worst in asked.items()}


def make_local(session: Session, *, shop_id: int, shared_id: int, account_id: int, now: datetime) -> None:
    """Let a branch go its own way with a shared offer; done already is as good."""
    _lock(session, [shop_id], account_id)
    part = queries.part_of(session, shop_id=shop_id, shared_id=shared_id)
    if part is None:
        raise NotAllowed
    part.left_at = part.left_at or now
    session.flush()


def as_draft(terms: Terms) -> Draft:
    """Return the draft that would be written as these terms."""
    contents = tuple(Part(text, quantity, alone) for text, quantity, alone in terms.contents)
    return Draft(contents=contents, **{name: getattr(terms, name) for name in COPIED})


def same(one: Terms, other: Terms) -> bool:
    """Tell whether two terms promise the same."""
    return as_draft(one) == as_draft(other)


def _lock(session: Session, shop_ids: Sequence[int], account_id: int) -> list[Shop]:
    """Lock the shops by number and return them in the given order; NotAllowed unless the account owns them all."""
    for shop_id in sorted(set(shop_ids)):
        shops.owner_shop(session, account_id=account_id, shop_id=shop_id)
        shops.shop(session, shop_id, lock=True, behind=True)
    return [session.get_one(Shop, shop_id) for shop_id in shop_ids]


def _new_group(session: Session, shop: Shop, account_id: int, now: datetime) -> Group:
    group = Group(name=(shop.brand or shop.name)[:80], created_at=now, created_by=account_id)
    session.add(group)
    session.flush()
    return group


def _shared(session: Session, offer: Offer, group_id: int, now: datetime) -> Shared:
    """Return the shared offer that this one is part of, made when it is a local one so far."""
    part = session.get(SharedPart, offer.id)
    if part is not None:
        part.left_at = None
        return session.get_one(Shared, part.shared_id)
    shared = Shared(group_id=group_id, created_at=now)
    session.add(shared)
    session.flush()
    session.add(SharedPart(offer_id=offer.id, shared_id=shared.id, shop_id=offer.shop_id))
    session.flush()
    return shared


def _parts(
    session: Session, shop_id: int, shared_id: int, account_id: int
) -> tuple[list[SharedPart], SharedPart]:
    """Lock what is shared, by shop; NotAllowed unless this shop is part of it. Branches of other owners stay out."""
    mine = queries.part_of(session, shop_id=shop_id, shared_id=shared_id)
    if mine is None or mine.left_at is not None:
        raise NotAllowed
    owned = queries.owned_by(session, account_id=account_id)
    parts = [part for part in queries.parts(session, shared_id) if part.shop_id in owned]
    _lock(session, [part.shop_id for part in parts], account_id)
    return parts, mine


def _costs(session: Session, offer: Offer) -> Costs | None:
    """Take an offer's plan along; whoever published it here knows its worst case, and means it for each branch."""
    plan = plans.plan(session, offer)
    if plan is None:
        return None
    return Costs(cost=plan.cost, fixed=plan.fixed, regulars=plan.regulars, is_meant=True)
