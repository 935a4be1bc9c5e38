"""Answers to "as advertised?" and private lines: said once, with a proof."""

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.kernel.db import insert_ignore
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.words import N_
from o2o.offers import rules as offers
from o2o.offers.models import Offer, Terms
from o2o.passes.models import Pass
from o2o.reviews import queries
from o2o.reviews.models import Answer, Line
from o2o.reviews.queries import ANSWER_COUNTED, OWED_FOR, Proof
from o2o.shops import queries as shops
from o2o.shops.models import Shop

LONGEST = 500
MOST_LINES = 3


def answer(
    session: Session,
    *,
    account_id: int,
    redemption_id: str,
    is_kept: bool,
    now: datetime,
    missing: str | None = None,
) -> Answer:
    """Say whether a redemption was as advertised, once; the same again is the same answer.

    `missing` says what was not, for the shop's eyes; needed with a no (422), dropped with a yes. Refuses what
    `may_speak` refuses, and a change of mind (409 answered). Then the rate of the offer and of its shop is counted
    anew, and fact answer.given recorded.
    """
    proof = queries.proof(session, account_id=account_id, redemption_id=redemption_id)
    text = (
        None
        if is_kept
        else _checked(missing or "", N_("Say what was missing, so that the shop can mend it."))
    )
    shops.shop(session, proof.shop.id, lock=True)
    terms_id, offer_id = _terms_of(session, proof)
    done = session.get(Answer, redemption_id)
    if done is None:
        may_speak(session, account_id=account_id, proof=proof, now=now)
        names = {"redemption_id": redemption_id, "pass_id": proof.pass_id, "account_id": account_id}
        row = {**names, "shop_id": proof.shop.id, "terms_id": terms_id, "offer_id": offer_id}
        insert_ignore(session, Answer.__table__, {**row, "is_kept": is_kept, "missing": text, "at": now})  # type: ignore[arg-type]
        recount_answers(session, offer_id=offer_id)
        journal.record(session, "answer.given", shop_id=proof.shop.id, redemption_id=redemption_id)
        done = session.get_one(Answer, redemption_id)
    if (done.is_kept, done.missing) != (is_kept, text):
        raise RuleBroken("answered", N_("You have answered this already, and an answer stays."))
    return done


def recount_answers(session: Session, *, offer_id: int) -> None:
    """Count an offer's answers that count (queries.ANSWER_COUNTED) and store them with the offer and its shop."""
    offer = session.get_one(Offer, offer_id)
    if not is_there(session, offer.shop_id):
        return
    yes = func.coalesce(func.sum(case((Answer.is_kept, 1), else_=0)), 0)
    sums = session.execute(select(yes, func.count()).where(Answer.offer_id == offer_id, ANSWER_COUNTED)).one()
    offers.honour(session, offer_id=offer_id, yes=sums[0], count=sums[1])


def say(
    session: Session,
    *,
    account_id: int,
    text: str,
    key: str,
    now: datetime,
    redemption_id: str | None = None,
    visit_id: str | None = None,
) -> Line:
    """Send the shop one line that nobody else reads; the same key is the same line. Fact line.said.

    RuleBroken key_reused (409) for another line under the same key, enough (409) after MOST_LINES about one proof,
    and what `may_speak` refuses.
    """
    proof = queries.proof(session, account_id=account_id, redemption_id=redemption_id, visit_id=visit_id)
    words = _checked(text, N_("Write something first."))
    shops.shop(session, proof.shop.id, lock=True)
    known = select(Line).where(Line.account_id == account_id, Line.key == key)
    done = session.scalars(known).one_or_none()
    if done is not None:
        if (done.text, done.redemption_id or done.visit_id) != (words, proof.id):
            raise key_reused()
        return done
    may_speak(session, account_id=account_id, proof=proof, now=now)
    column = Line.redemption_id if redemption_id else Line.visit_id
    if (session.scalar(select(func.count()).where(column == proof.id)) or 0) >= MOST_LINES:
        raise RuleBroken(
            "enough", N_("You have told the shop enough about this visit. Ask them at the counter.")
        )
    names = {"redemption_id": redemption_id or None, "visit_id": visit_id or None, "pass_id": proof.pass_id}
    line = Line(shop_id=proof.shop.id, account_id=account_id, key=key, text=words, at=now, **names)
    session.add(line)
    session.flush()
    journal.record(session, "line.said", shop_id=proof.shop.id, line_id=line.id)
    return line


def may_speak(session: Session, *, account_id: int, proof: Proof, now: datetime) -> None:
    """Refuse to hear about a proof: of one's own shop (403 insider), undone (409), or too old (409 late)."""
    if queries.works_there(session, account_id=account_id, shop_id=proof.shop.id, at=now):
        sentence = N_("You work at this shop or did in the last year, so your word cannot count here.")
        raise RuleBroken("insider", sentence, status=403)
    if proof.annulled:
        raise RuleBroken("undone", N_("The shop took this redemption back. Use your pass first, then tell."))
    if now - proof.at > OWED_FOR:
        raise RuleBroken(
            "late", N_("This visit is more than 30 days ago. Come again and tell about the next one.")
        )


def key_reused() -> RuleBroken:
    """Refuse other content under a key that was used."""
    sentence = N_("This form was already sent with other content. Please reload the page.")
    return RuleBroken("key_reused", sentence)


def is_there(session: Session, shop_id: int) -> bool:
    """Lock a shop whose sums are about to be counted; tell whether it is still on the map."""
    return session.get_one(Shop, shop_id, with_for_update=True, populate_existing=True).status != "gone"


def _terms_of(session: Session, proof: Proof) -> tuple[int, int]:
    wanted = select(Terms.id, Terms.offer_id).join(Pass, Pass.terms_id == Terms.id)
    row = session.execute(wanted.where(Pass.id == proof.pass_id)).one()
    return row[0], row[1]


def _checked(text: str, empty: str) -> str:
    words = text.strip()
    if not words:
        raise BadInput("no_text", empty, status=422, field="text")
    if len(words) > LONGEST:
        sentence = N_("Keep this within %(most)s characters.")
        raise BadInput("too_long", sentence, status=422, field="text", most=LONGEST)
    return words
