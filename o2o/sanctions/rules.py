"""What happens to sanctions: imposed with rule and evidence, appealed, decided, lifted, over by themselves.

Whoever changes one locks its shop first, then the row, and leaves the shop as its standing sanctions say.
"""

import re
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.acts import rules as acts
from o2o.admission import rules as admission
from o2o.conduct import queries as record
from o2o.conduct import rules as conduct
from o2o.conduct.models import SANCTION_STATES, STANDING, STEPS, Sanction
from o2o.kernel import journal
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.offers import rules as offers
from o2o.sanctions import queries
from o2o.sanctions.delisted import close_settled, pay_back
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop

__all__ = ["appeal", "close_settled", "decide", "end_with_shop", "impose", "lift", "pass_time", "pay_back"]

LONGEST = 1000  # of evidence and of an appeal
LONGEST_DECISION = 240  # twice fits: what was upheld may be lifted later
LOCAL = re.compile(r"/(?:[\w.~-]+/?)*(?:\?[\w.~&=%-]*)?(?:#[\w.~-]*)?", re.ASCII)
LONGEST_LINK = 200
NEEDS_STEP = N_("Take the step below first: it has to stand, or to have ended within a year.")
CLOSED = N_("Over because the shop closed.")
STANDS = N_("This step stands already. Here is the shop as it is now.")


def impose(
    session: Session,
    *,
    shop_id: int,
    step: str,
    rule: str,
    evidence: str,
    by: int,
    now: datetime,
    link: str = "",
    days: int | None = None,
) -> Sanction:
    """Take a step against a shop for breaking a rule of conduct; it has its effect at once.

    Side effects in order: the row, the shop held back, its offers and its claim, fact sanction.imposed. `days` gives
    a limit or a suspension a length of its own. The same step by the same operator in the same words is that row.
    Raises NotAllowed, BadInput (422, with field), RuleBroken unclaimed, step_stands, step_missing (409).
    """
    evidence, link = evidence.strip(), link.strip()
    _check(step, rule, evidence, link, days)
    shop = shops.shop(session, shop_id, lock=True, behind=True)
    if shop.status not in ("claimed", "delisted"):
        raise RuleBroken(
            "unclaimed", N_("Nobody runs this shop here, so there is nobody to hold to the rules.")
        )
    before = record.standing(session, shop_id).get(step)
    if before is not None:
        if (before.rule, before.evidence, before.created_by) == (rule, evidence, by):
            return before
        raise RuleBroken("step_stands", STANDS, field="step")
    _check_ladder(session, shop_id, step, rule, now)
    length = days or conduct.step_of(step).days
    row = Sanction(
        shop_id=shop_id,
        step=step,
        rule=rule,
        evidence=evidence,
        link=link,
        state="in_force",
        created_at=now,
        created_by=by,
        ends_at=now + timedelta(days=length) if length else None,
        appeal_until=now + conduct.APPEAL,
    )
    session.add(row)
    session.flush()
    _follow(session, shop, now=now)
    acts.note(session, shop_id=shop_id, step=step, rule=rule)
    journal.record(session, "sanction.imposed", sanction_id=row.id, shop_id=shop_id)
    return row


def appeal(
    session: Session, *, shop_id: int, sanction_id: int, by: int, words: str, now: datetime
) -> Sanction:
    """Let an owner object once, within the appeal's days; the same words again are that appeal.

    Fact sanction.appealed. Raises NotAllowed, BadInput (422, field words), RuleBroken appealed, appeal_over (409).
    """
    shop, row = _locked(session, sanction_id)
    if shop.id != shop_id or "owner" not in shops.roles_of(session, by, shop_id):
        raise NotAllowed
    words = _worded(words, N_("Say why this is wrong, in your words."), LONGEST)
    if row.appeal == words:
        return row
    if row.state != "in_force":
        raise RuleBroken("appealed", N_("You objected already, or this is decided. Here is how it stands."))
    if now >= row.appeal_until:
        raise RuleBroken("appeal_over", N_("The time to object is over."))
    _move(row, "appealed")
    row.appeal, row.appealed_at, row.appealed_by = words, now, by
    session.flush()
    journal.record(session, "sanction.appealed", sanction_id=row.id, shop_id=shop_id)
    return row


def decide(
    session: Session, *, sanction_id: int, by: int, uphold: bool, words: str, now: datetime
) -> Sanction:
    """Decide an appeal with words that the owner reads; the same decision again is that one.

    Who imposed it does not decide it where somebody else could. Lifted, the shop is what its other sanctions say.
    Fact sanction.decided. Raises NotAllowed, BadInput (422, field words), RuleBroken decided, own_sanction (409).
    """
    shop, row = _locked(session, sanction_id)
    words = _worded(words, N_("Say why: the owner reads this."), LONGEST_DECISION)
    state = "upheld" if uphold else "lifted"
    if (row.state, row.decision, row.decided_by) == (state, words, by):
        return row
    if row.state != "appealed":
        raise RuleBroken("decided", N_("Nobody objects to this any more. Here is how it stands."))
    if row.created_by == by and queries.other_operators(session, by):
        sentence = N_("You imposed this yourself: somebody else who runs this town decides the appeal.")
        raise RuleBroken("own_sanction", sentence, field="words")
    _decided(row, state, by, words, now)
    acts.note(session, shop_id=shop.id, step=row.step, state=state)
    return _settle(session, shop, row, "sanction.decided", now=now)


def lift(session: Session, *, sanction_id: int, by: int, words: str, now: datetime) -> Sanction:
    """Take a sanction back without an appeal; the same again is that one. Fact sanction.decided.

    Raises NotAllowed, BadInput (422, field words), RuleBroken appealed where an appeal is open, decided (409).
    """
    shop, row = _locked(session, sanction_id)
    words = _worded(words, N_("Say why: the owner reads this."), LONGEST_DECISION)
    if row.state == "lifted" and row.decided_by == by and row.decision.endswith(words):
        return row
    if row.state == "appealed":
        raise RuleBroken("appealed", N_("The owner objects: decide that."), field="words")
    if row.state not in STANDING:
        raise RuleBroken("decided", N_("This does not stand any more. Here is how it ended."))
    # What was said when an appeal failed stays beside why it is lifted now.
    _decided(row, "lifted", by, f"{row.decision}\n{words}".strip(), now)
    acts.note(session, shop_id=shop.id, step=row.step, state="lifted")
    return _settle(session, shop, row, "sanction.decided", now=now)


def pass_time(session: Session, *, sanction_id: int, now: datetime) -> bool:
    """Do to a sanction what time does; tell whether something changed.

    In force or upheld past its end, it is over. Appealed for DECIDE and undecided, it is lifted: the platform bears
    its own delay. Appealed past its end it waits for the decision, with no effect. Fact sanction.over or decided.
    """
    shop, row = _locked(session, sanction_id)
    if row.state == "appealed" and row.appealed_at is not None and row.appealed_at <= now - conduct.DECIDE:
        _decided(row, "lifted", None, "", now)
        _by_the_clock(session, shop, row, "sanction.decided", now)
        return True
    if row.state in ("in_force", "upheld") and row.ends_at is not None and row.ends_at <= now:
        _move(row, "over")
        _by_the_clock(session, shop, row, "sanction.over", now)
        return True
    return _follow(session, shop, now=now)


def end_with_shop(session: Session, *, shop_id: int, now: datetime) -> int:
    """End what stands against a shop that closes: over, with the closing as the reason; return how many.

    The rows stay in its history and in the public counts. Whoever owns the place next starts clean; whoever comes back
    finds that these steps count (conduct.queries.counting). An objection that is open ends with them.

    A delisting stands: closing a shop must not wash off what took it off the map. Its place is gone from the map with
    it (shops.rules.let_go), so nobody can claim it, until an operator lifts the delisting or nobody decides on the
    objection in time; then the next import of the map lists the place again, as nobody's. So who wants to object
    does that before the shop closes. Locks the shop, then each row; fact sanction.over.
    """
    shop = shops.shop(session, shop_id, lock=True, behind=True)
    rows = select(Sanction).where(Sanction.shop_id == shop_id, record.STANDS, Sanction.step != "delist")
    found = session.scalars(rows.order_by(Sanction.id).with_for_update()).all()
    for row in found:
        _move(row, "over")
        # What was said when an appeal failed stays beside it; a step that had no end has one now.
        row.decision = f"{row.decision}\n{CLOSED}".strip()
        row.ends_at = min(row.ends_at or now, now)
        acts.record(session, verb="sanctions.close", shop_id=shop.id, step=row.step, state=row.state)
        journal.record(session, "sanction.over", sanction_id=row.id, shop_id=shop.id)
    session.flush()
    _follow(session, shop, now=now)
    return len(found)


def _check(step: str, key: str, evidence: str, link: str, days: int | None) -> None:
    """Refuse what cannot be, whatever the shop has done."""
    rule = conduct.rule_of(key)
    if rule is None:
        raise BadInput("rule", N_("Choose the rule that was broken."), status=422, field="rule")
    if step not in STEPS:
        raise BadInput("step", N_("Choose a step."), status=422, field="step")
    if step not in rule.steps:
        raise BadInput("step", N_("This rule does not lead to that step."), status=422, field="step")
    if not evidence:
        sentence = N_("Write down what shows it: the owner reads this.")
        raise BadInput("evidence", sentence, status=422, field="evidence")
    if len(evidence) > LONGEST:
        raise _too_long("evidence", LONGEST)
    if link and (len(link) > LONGEST_LINK or not LOCAL.fullmatch(link)):
        sentence = N_("Give an address of this site such as /operator/reports/5.")
        raise BadInput("link", sentence, status=422, field="link")
    if days is not None and (step not in conduct.TIMED or not 1 <= days <= conduct.MOST_DAYS):
        sentence = N_("Only a limit or a suspension has days of its own: from 1 to %(most)s.")
        raise BadInput("days", sentence, status=422, field="days", most=conduct.MOST_DAYS)


def _check_ladder(session: Session, shop_id: int, step: str, key: str, now: datetime) -> None:
    rule = conduct.rule_of(key)
    needed = conduct.below(rule, step) if rule else None
    if needed and needed not in record.counting(session, shop_id=shop_id, now=now):
        raise RuleBroken("step_missing", NEEDS_STEP, field="step")


def _worded(words: str, empty: str, most: int) -> str:
    words = words.strip()
    if not words:
        raise BadInput("words", empty, status=422, field="words")
    if len(words) > most:
        raise _too_long("words", most)
    return words


def _too_long(field: str, most: int) -> BadInput:
    sentence = N_("Keep this within %(most)s characters.")
    return BadInput("too_long", sentence, status=422, field=field, most=most)


def _locked(session: Session, sanction_id: int) -> tuple[Shop, Sanction]:
    """Lock a sanction's shop, then the sanction; NotAllowed when there is none."""
    shop_id = session.scalar(select(Sanction.shop_id).where(Sanction.id == sanction_id))
    if shop_id is None:
        raise NotAllowed
    shop = session.get_one(Shop, shop_id, with_for_update=True, populate_existing=True)
    return shop, session.get_one(Sanction, sanction_id, with_for_update=True, populate_existing=True)


def _move(row: Sanction, state: str) -> None:
    """Change a sanction's state; the one door."""
    if state not in SANCTION_STATES[row.state]:
        raise ValueError(f"a sanction never goes from {row.state} to {state}")
    row.state = state


def _decided(row: Sanction, state: str, by: int | None, words: str, now: datetime) -> None:
    _move(row, state)
    row.decision, row.decided_by, row.decided_at = words, by, now


def _by_the_clock(session: Session, shop: Shop, row: Sanction, fact: str, now: datetime) -> None:
    acts.record(session, verb="sanctions.pass-time", shop_id=shop.id, step=row.step, state=row.state)
    _settle(session, shop, row, fact, now=now)


def _settle(session: Session, shop: Shop, row: Sanction, fact: str, *, now: datetime) -> Sanction:
    session.flush()
    _follow(session, shop, now=now)
    journal.record(session, fact, sanction_id=row.id, shop_id=shop.id)
    return row


def _follow(session: Session, shop: Shop, *, now: datetime) -> bool:
    """Leave the shop as the sanctions say that hold now; tell whether that changed it."""
    steps = {step for step, row in record.standing(session, shop.id).items() if record.holds(row, now)}
    sanction, is_delisted = conduct.effect(steps)
    if shop.status == "gone":
        return not is_delisted and shop_rules.let_back(session, shop=shop)
    if not shop_rules.hold_back(session, shop_id=shop.id, sanction=sanction, is_delisted=is_delisted):
        return False
    # Restored or not, the claim says until when the shop may sell: its flags come last.
    follow = admission.suspend if sanction == "suspended" else admission.restore
    follow(session, shop_id=shop.id, now=now)
    offers.refresh_shop(session, shop_id=shop.id)
    return True
