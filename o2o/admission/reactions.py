"""Who was given a shop, or an invitation to one, without asking here first; and who is gone."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.admission import moves
from o2o.kernel import clock
from o2o.kernel.journal import Fact, reacts_to
from o2o.onboarding import rules
from o2o.onboarding.models import Claim
from o2o.shops import queries as shops


@reacts_to("role.given")
def follow_role(session: Session, fact: Fact) -> None:
    """Write the claim that stands behind a new owner, or begin that of an invited claimant."""
    shop_id, account_id = int(fact.ids["shop_id"]), int(fact.ids["account_id"])
    held = shops.roles_of(session, account_id, shop_id)
    if "owner" in held:
        moves.give(session, shop_id=shop_id, account_id=account_id, now=clock.now())
    elif "claimant" in held:
        rules.accept(session, shop_id=shop_id, account_id=account_id, now=clock.now())


@reacts_to("account.erased")
def end_claims(session: Session, fact: Fact) -> None:
    """Withdraw what a person who is gone had not finished; the shop is free for the next one."""
    theirs = (Claim.account_id == int(fact.ids["account_id"]), Claim.state.in_(rules.UNDECIDED))
    for claim_id in session.scalars(select(Claim.id).where(*theirs, Claim.state != "rejected")).all():
        rules.withdraw(session, claim_id=claim_id, now=clock.now())
