"""The time line of a pass: each showing of it, by the phone's proof, by the till's clock, and when it came in."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.claims.evidence import STEP_MS
from o2o.claims.models import Claim
from o2o.kernel.words import N_
from o2o.redemption.models import Redemption
from o2o.shops.models import Role
from o2o.tills.models import Till

STANDINGS = {
    "won": ("ok", N_("Counted")),
    "held": ("wait", N_("Held")),
    "lost": ("no", N_("Not counted")),
    "collapsed": ("quiet", N_("The same showing")),
    "annulled": ("quiet", N_("Undone")),
}


class Moment(NamedTuple):
    """One showing: `shown_at` by the phone's proof, `at` by the till's corrected clock, `received_at` by ours.

    `id` is the claim's, or the redemption's where it was taken at the counter's own page.
    """

    id: str
    shown_at: datetime | None
    at: datetime
    received_at: datetime
    till: str
    staff: str
    standing: str
    cause: str | None
    quantity: int
    text: str


def tell(session: Session, pass_ids: Collection[str], *, names: bool = True) -> dict[str, list[Moment]]:
    """Return the time lines of passes, the earliest showing first; five statements however many there are.

    Without `names` nobody learns which member of staff it was.
    """
    claims = session.scalars(select(Claim).where(Claim.pass_id.in_(pass_ids))).all()
    counter = select(Redemption).where(Redemption.pass_id.in_(pass_ids), Redemption.claim_id.is_(None))
    redemptions = session.scalars(counter).all()
    taken: list[Claim | Redemption] = [*claims, *redemptions]
    till_ids = {row.till_id for row in taken if row.till_id}
    known = select(Till.id, Till.name).where(Till.id.in_(till_ids))
    tills = {row.id: row.name for row in session.execute(known)} if till_ids else {}
    staff = _names(session, [(row.shop_id, row.staff_id) for row in taken]) if names else {}
    found: dict[str, list[Moment]] = defaultdict(list)
    for claim in claims:
        found[claim.pass_id].append(_of_claim(claim, tills, staff))
    for row in redemptions:
        found[row.pass_id].append(_of_counter(row, tills, staff))
    for rows in found.values():
        rows.sort(key=lambda one: (one.shown_at or one.at, one.id))
    return found


def _of_claim(row: Claim, tills: dict[str, str], staff: dict[tuple[int, int], str]) -> Moment:
    held = row.standing == "won" and row.cause is not None
    return Moment(
        id=row.id,
        shown_at=_shown(row.step),
        at=row.at,
        received_at=row.received_at,
        till=tills.get(row.till_id, ""),
        staff=staff.get((row.shop_id, row.staff_id), ""),
        standing="held" if held else row.standing,
        cause=row.cause,
        quantity=row.quantity,
        text=row.text,
    )


def _of_counter(row: Redemption, tills: dict[str, str], staff: dict[tuple[int, int], str]) -> Moment:
    return Moment(
        id=row.id,
        shown_at=_shown(row.step),
        at=row.at,
        received_at=row.at,
        till=tills.get(row.till_id or "", ""),
        staff=staff.get((row.shop_id, row.staff_id), ""),
        standing="annulled" if row.annulled_at else "won",
        cause=None,
        quantity=row.quantity,
        text=row.code or "",
    )


def _shown(step: int | None) -> datetime | None:
    return None if step is None else datetime.fromtimestamp(step * STEP_MS / 1000, UTC)


def _names(session: Session, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Name staff as their shop does, else by their handle, else by a number."""
    wanted = set(pairs)
    ids = {account_id for _shop, account_id in wanted}
    known = select(Account.id, Account.handle).where(Account.id.in_(ids))
    handles = {row.id: row.handle for row in session.execute(known)}
    given = select(Role.shop_id, Role.account_id, Role.name).where(Role.account_id.in_(ids), Role.name != "")
    names = {(shop, account): name for shop, account, name in session.execute(given.order_by(Role.id))}
    return {pair: names.get(pair) or handles.get(pair[1]) or f"#{pair[1]}" for pair in wanted}
