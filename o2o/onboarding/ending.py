"""What is left of a claim that did not become a shop: nothing that guests could see, nor that bars the next one."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.menu_changes import rules as menus
from o2o.offers import rules as offers
from o2o.offers.models import Offer
from o2o.onboarding.machine import claimants_role, locked, move, next_one
from o2o.onboarding.models import Claim
from o2o.payouts import rules as payouts
from o2o.pictures import rules as pictures
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Role, Shop


def withdraw(session: Session, *, claim_id: int, now: datetime, reason: str = "") -> Claim:
    """End a claim that is not decided: what was prepared is cleared, the next one gets the shop; twice is once."""
    row = locked(session, claim_id)
    if row.state == "withdrawn":
        return row
    held = row.state != "pending"
    move(session, claim=row, to="withdrawn", now=now, reason=reason)
    if held:
        let_go(session, row, now=now)
    return row


def end_unclaimed(session: Session, *, claim_id: int, now: datetime) -> Claim:
    """End a claim that nobody took up, with its invitation; twice is once. RuleBroken no_way for a person's claim."""
    claim = locked(session, claim_id)
    if claim.account_id is not None:
        raise RuleBroken("no_way", N_("This has moved on meanwhile. Look at the page again."))
    return withdraw(session, claim_id=claim_id, now=now)


def let_go(session: Session, claim: Claim, *, now: datetime, keep: bool = False) -> None:
    """End what a claim gave its person, clear what they prepared (unless `keep`), and give the shop to the next one."""
    shop = session.get_one(Shop, claim.shop_id, with_for_update=True, populate_existing=True)
    role = claimants_role(session, claim)
    if role is not None:
        shop_rules.drop_prepared(session, role=role)
        end_role(session, role, now)
    if shop.status == "gone":
        return
    withdraw_invites(session, shop_id=shop.id)
    if not keep:
        clear(session, shop_id=shop.id, now=now)
    follower = next_one(session, shop_id=shop.id, now=now)
    if shop.status == "proposed" and follower is None and claim.state == "withdrawn":
        shop_rules.take_down(session, shop_id=shop.id)


def clear(session: Session, *, shop_id: int, now: datetime) -> None:
    """Take away menu, pictures, draft offers and the payout account of a shop that is nobody's."""
    menus.clear(session, shop_id=shop_id)
    pictures.clear(session, shop_id=shop_id)
    payouts.end(session, shop_id=shop_id, now=now)
    drafts = select(Offer.id).where(Offer.shop_id == shop_id, Offer.state == "draft")
    for offer_id in session.scalars(drafts).all():
        offers.end(session, offer_id=offer_id)


def end_role(session: Session, role: Role, now: datetime) -> None:
    """End a claimant's role, also at a shop that is gone; fact role.ended."""
    role.ended_at = now
    session.flush()
    journal.record(session, "role.ended", shop_id=role.shop_id, account_id=role.account_id)


def withdraw_invites(session: Session, *, shop_id: int) -> None:
    """Make the open invitations to claim a shop useless."""
    for invite in shops.open_invites(session, shop_id):
        if invite.kind == "claimant":
            shop_rules.withdraw_invite(session, shop_id=shop_id, invite_id=invite.id)
