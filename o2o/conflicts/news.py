"""Who is told of a conflict: the shop's owners and the holder, each once."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.claims.models import Claim
from o2o.conflicts.models import Conflict
from o2o.kernel.calendar import time_words
from o2o.notifications.rules import tell
from o2o.offers.models import Terms
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.shops import queries as shops
from o2o.tills.models import Till


def tell_opened(session: Session, row: Conflict, claim: Claim, pass_: Pass) -> None:
    """Tell the owners what two tills did, and the holder what was not counted, or that there is a strike."""
    zone = shops.founded(session).zone
    winner = _winner(session, row)
    words = {
        "title": session.get_one(Terms, pass_.terms_id).title,
        "at": _where(session, claim.at, claim.till_id, zone),
        "won": _where(session, winner.at, winner.till_id, zone) if winner else "",
    }
    desk = f"/console/{row.shop_id}/conflicts/{row.id}"
    kind = "conflict.opened" if winner else "conflict.alone"
    for member in shops.members(session, row.shop_id):
        if member.kind == "owner":
            key = f"conflict.opened:{row.id}:{member.account_id}"
            tell(session, account_id=member.account_id, key=key, kind=kind, link=desk, **words)
    # A held use is the holder's until somebody decides.
    if claim.standing != "lost" or session.get_one(Account, pass_.account_id).erased_at is not None:
        return
    link = f"/passes/{row.pass_id}"
    kind = "conflict.told" if winner else "conflict.uncounted"
    if row.cause == "presented_twice":
        kind, link = "strike.given", "/me/strikes"
    tell(session, account_id=pass_.account_id, key=f"{kind}:{row.id}", kind=kind, link=link, **words)


def _winner(session: Session, row: Conflict) -> Redemption | None:
    if row.against is None:
        return None
    rows = select(Redemption).where(Redemption.pass_id == row.pass_id, Redemption.annulled_at.is_(None))
    either = or_(Redemption.claim_id == row.against, Redemption.id == row.against)
    return session.scalars(rows.where(either)).one_or_none()


def _where(session: Session, at: datetime, till_id: str | None, zone: ZoneInfo) -> str:
    """Say "14:02 · till 2"; a use at the counter's own page has no till."""
    till = session.get(Till, till_id) if till_id else None
    return time_words(at, zone) + (f" · {till.name}" if till else "")
