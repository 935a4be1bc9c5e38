"""What happens to reports: made once, decided once."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.kernel import journal
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.words import N_
from o2o.notifications.rules import tell
from o2o.offers import rules as offers
from o2o.offers.models import Offer
from o2o.orders.models import Order
from o2o.passes.models import Pass
from o2o.photos import rules as photos
from o2o.photos.rules import Prepared
from o2o.reports import queries
from o2o.reports.models import ABOUT_REVIEW, ABOUT_SHOP, Report
from o2o.reviews import rules as reviews
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop

LONGEST = 1000
LONGEST_WORDS = 300  # of a decision; with a hidden review they stand in public
# Reasons for which a listing may leave the map.
LEAVING = ("closed", "remove")


def report(
    session: Session,
    *,
    account_id: int,
    shop_id: int,
    reason: str,
    text: str,
    key: str,
    now: datetime,
    review_id: int | None = None,
    photo: Prepared | None = None,
) -> tuple[Report, bool]:
    """Tell the operator about a shop, or about a review there; return the report and whether it is new.

    The same key, or a report of the same thing that is still open, is that report. NotAllowed when the shop or the
    shown review is not there, BadInput (422, with field) for a reason or a text that cannot be. Fact report.made.
    """
    check(reason=reason, text=text, review_id=review_id)
    # One row per person to wait at: two reports of the same thing at once find each other.
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())
    shops.shop(session, shop_id)
    before = queries.by_key(session, account_id=account_id, key=key)
    if before is None:
        queries.reviewed(session, shop_id=shop_id, review_id=review_id)
    before = before or queries.waiting(session, account_id=account_id, shop_id=shop_id, review_id=review_id)
    if before is not None:
        return before, False
    made = Report(
        shop_id=shop_id, review_id=review_id, account_id=account_id, key=key, reason=reason, text=text, at=now
    )
    if photo is not None:
        kept = photos.keep(session, account_id=account_id, shop_id=shop_id, prepared=photo, at=now)
        made.photo_id = kept.id
    session.add(made)
    session.flush()
    journal.record(session, "report.made", report_id=made.id, shop_id=shop_id)
    return made, True


def decide(
    session: Session,
    *,
    report_id: int,
    operator_id: int,
    state: str,
    words: str,
    now: datetime,
    take_down: bool = False,
) -> Report:
    """Decide a report, once, with words that its author reads; the same operator's same decision again is that one.

    Side effects in order: the report; upheld against a review, the review is hidden with these words; `take_down`
    takes the listing off the map; inbox of the reporter; fact report.decided. Raises RuleBroken decided (409) when
    somebody decided before, BadInput (422, with field).
    """
    found = queries.one(session, report_id)
    _check_decision(state, words)
    # Locks from the ground up: the shop, then what upper rooms keep.
    shop = session.get_one(Shop, found.shop_id, with_for_update=True, populate_existing=True)
    values = {"state": state, "decision": words, "decided_at": now, "decided_by": operator_id}
    if not _close(session, report_id, values):
        session.refresh(found)
        if (found.state, found.decision, found.decided_by) == (state, words, operator_id):
            return found
        raise RuleBroken("decided", N_("This was decided already. Here is what was decided."))
    session.refresh(found)
    if state == "upheld" and found.review_id is not None:
        reviews.hide(session, review_id=found.review_id, why=words)
    elif state == "upheld" and take_down:
        _take_down(session, shop, found)
    _tell_reporter(session, found, shop)
    journal.record(session, "report.decided", report_id=report_id, shop_id=shop.id)
    return found


def _close(session: Session, report_id: int, values: dict[str, Any]) -> bool:
    """Move an open report on; tell whether it was open."""
    still = (Report.id == report_id, Report.state == "open")
    done = session.execute(update(Report).where(*still).values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _take_down(session: Session, shop: Shop, found: Report) -> None:
    """End what the shop sells and take it off the map; not while guests hold passes or orders there."""
    if found.reason not in LEAVING or shop.status == "gone":
        return
    held = select(Pass.id).where(Pass.shop_id == shop.id, Pass.state.in_(("valid", "refunding")))
    bought = select(Order.id).where(Order.shop_id == shop.id, Order.state.in_(("held", "paying")))
    if session.scalar(held.limit(1)) or session.scalar(bought.limit(1)):
        sentence = N_(
            "Guests still hold vouchers or orders there: the shop stays on the map until they are settled."
        )
        raise RuleBroken("passes_there", sentence, field="take_down")
    live = select(Offer.id).where(Offer.shop_id == shop.id, Offer.state != "ended").order_by(Offer.id)
    for offer_id in session.scalars(live).all():
        offers.end(session, offer_id=offer_id)
    shop_rules.take_down(session, shop_id=shop.id)


def _tell_reporter(session: Session, found: Report, shop: Shop) -> None:
    account = session.get_one(Account, found.account_id)
    if account.erased_at is not None:
        return
    tell(
        session,
        account_id=account.id,
        key=f"report:{found.id}",
        kind=f"report.{found.state}",
        link=f"/me/reports#report-{found.id}",
        shop=shop.name,
        shop_zh=shop.name_zh,
        shop_en=shop.name_en,
    )


def check(*, reason: str, text: str, review_id: int | None) -> None:
    """Refuse a reason or a text that cannot be, before anything else is done for it."""
    if reason not in (ABOUT_SHOP if review_id is None else ABOUT_REVIEW):
        raise BadInput("reason", N_("Say what is wrong: choose one."), status=422, field="reason")
    if len(text) > LONGEST:
        raise _too_long("text", LONGEST)


def _check_decision(state: str, words: str) -> None:
    if state not in ("upheld", "dismissed"):
        raise BadInput("state", N_("Choose one of the two."), status=422, field="state")
    if not words:
        raise BadInput(
            "words", N_("Say why: the person who reported it reads this."), status=422, field="words"
        )
    if len(words) > LONGEST_WORDS:
        raise _too_long("words", LONGEST_WORDS)


def _too_long(field: str, most: int) -> BadInput:
    return BadInput(
        "too_long", N_("Keep this within %(most)s characters."), status=422, field=field, most=most
    )
