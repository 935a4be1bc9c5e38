"""What happens below and moves the score or deserves a question."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel.journal import Fact, reacts_to
from o2o.notifications.rules import tell
from o2o.offers.models import Terms
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.reviews import queries, rules
from o2o.reviews.models import Answer, Review


@reacts_to("visit.confirmed", "pass.annulled", "role.given", "shop.changed")
def count_again(session: Session, fact: Fact) -> None:
    """Count a shop's reviews and answers anew: a proof became better or worse, or somebody began to work there.

    The end of a role changes nothing: what fell into its year stays outside. A shop that comes back is counted too.
    """
    shop_id = int(fact.ids["shop_id"])
    # The lock comes first: a review that is being written counted before this fact, and must be seen here.
    if not rules.is_there(session, shop_id):
        return
    if session.scalars(select(Review.id).where(Review.shop_id == shop_id).limit(1)).first():
        rules.recount(session, shop_id=shop_id)
    if fact.name == "visit.confirmed":
        return
    answered = select(Answer.offer_id).where(Answer.shop_id == shop_id).distinct().order_by(Answer.offer_id)
    for offer_id in session.scalars(answered).all():
        rules.recount_answers(session, offer_id=offer_id)


@reacts_to("pass.redeemed")
def ask_how_it_was(session: Session, fact: Fact) -> None:
    """Ask a person who wants to be asked (consent "asks"), never one who works there; once per redemption."""
    row = session.get(Redemption, str(fact.ids["redemption_id"]))
    if row is None or row.annulled_at is not None:
        return
    held = session.get_one(Pass, row.pass_id)
    if queries.works_there(session, account_id=held.account_id, shop_id=row.shop_id, at=row.at):
        return
    tell(
        session,
        account_id=held.account_id,
        key=f"review.asked:{row.id}",
        kind="review.asked",
        link=f"/reviews/new?redemption={row.id}",
        title=session.get_one(Terms, held.terms_id).title,
    )
