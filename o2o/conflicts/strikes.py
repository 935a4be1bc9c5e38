"""What happens to strikes: given with the evidence, disputed once by the holder, upheld or lifted by a person."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.conflicts.models import STRIKE_STATES, Conflict, Strike
from o2o.kernel import journal
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.notifications.rules import tell

LONGEST_SAID = 1000
LONGEST_WHY = 300
# Kept, not shown: whoever reads a strike that nobody lifted gets this in their language.
EVIDENCE_CHANGED = "evidence changed"
TOO_LONG = N_("Keep this within %(most)s characters.")


def follow(session: Session, conflict: Conflict, account_id: int, now: datetime) -> Strike | None:
    """Let the strike follow its conflict: there while the evidence says so, lifted when it does not any more.

    What a person lifted stays lifted; a dispute is kept and goes on where the evidence comes back.
    """
    row = session.scalars(select(Strike).where(Strike.conflict_id == conflict.id)).one_or_none()
    if conflict.cause == "presented_twice" and conflict.state != "gone":
        if row is None:
            row = Strike(account_id=account_id, conflict_id=conflict.id, state="standing", at=now)
            session.add(row)
        elif row.state == "lifted" and row.decided_by is None:
            _move(row, "disputed" if row.said else "standing")
            row.why = row.decided_at = None
    elif row is not None and row.state != "lifted":
        _move(row, "lifted")
        row.why, row.decided_by, row.decided_at = EVIDENCE_CHANGED, None, now
    session.flush()
    return row


def dispute(session: Session, *, strike_id: int, account_id: int, said: str, now: datetime) -> Strike:
    """Let the holder say once why a strike is wrong; the same words again are that dispute.

    Raises NotAllowed for who is not its holder, BadInput (422, field said), RuleBroken disputed (409) after the
    first time, or when it is lifted. Fact strike.disputed.
    """
    row = session.get(Strike, strike_id, with_for_update=True, populate_existing=True)
    if row is None or row.account_id != account_id:
        raise NotAllowed
    said = said.strip()
    if not said:
        raise BadInput("said", N_("Say what happened, in your words."), status=422, field="said")
    if len(said) > LONGEST_SAID:
        raise BadInput("too_long", TOO_LONG, status=422, field="said", most=LONGEST_SAID)
    if row.said == said:
        return row
    if row.said is not None or row.state != "standing":
        raise RuleBroken("disputed", N_("You said so already, or it was decided. Here is how it stands."))
    _move(row, "disputed")
    row.said, row.said_at = said, now
    session.flush()
    journal.record(session, "strike.disputed", strike_id=row.id)
    return row


def judge_strike(
    session: Session, *, strike_id: int, by: int, uphold: bool, why: str, now: datetime
) -> Strike:
    """Uphold a disputed strike, or lift one in whatever state, with words that its holder reads.

    The same decision with the same words again is that one. Inbox of the holder, fact strike.decided. Raises
    NotAllowed, BadInput (422, field why), RuleBroken decided (409).
    """
    row = session.get(Strike, strike_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotAllowed
    why = why.strip()
    if not why:
        raise BadInput("why", N_("Say why: the holder reads this."), status=422, field="why")
    if len(why) > LONGEST_WHY:
        raise BadInput("too_long", TOO_LONG, status=422, field="why", most=LONGEST_WHY)
    state = "upheld" if uphold else "lifted"
    if (row.state, row.why, row.decided_by) == (state, why, by):
        return row
    if state not in STRIKE_STATES[row.state]:
        raise RuleBroken(
            "decided", N_("This strike is decided, or nobody disputed it: it can only be lifted now.")
        )
    _move(row, state)
    row.why, row.decided_by, row.decided_at = why, by, now
    session.flush()
    if session.get_one(Account, row.account_id).erased_at is None:
        link = f"/me/strikes#strike-{row.id}"
        key = f"strike.{state}:{row.id}"
        tell(session, account_id=row.account_id, key=key, kind=f"strike.{state}", link=link)
    journal.record(session, "strike.decided", strike_id=row.id)
    return row


def _move(row: Strike, state: str) -> None:
    """Change a strike's state; the one door."""
    if state not in STRIKE_STATES[row.state]:
        raise ValueError(f"a strike never goes from {row.state} to {state}")
    row.state = state
