"""What each number of an offer counts, as the very rows: pure, from one history.

- redeemed: vouchers with a use that counts (not annulled)
- refunded: vouchers whose unused part was paid back, or is on its way
- open: vouchers that can still be used
- over: vouchers that are none of these: they ran out, or were revoked, unused and not paid back
- new: guests whose first use of this offer was the first the shop saw of them: no use of anything before it, no
  confirmed visit on an earlier day of the town; known: all other guests who used it
- back: guests who, on a later day than their first use, had a confirmed visit with no use that day, or used a voucher
  that was sold for the full price of its parts
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from o2o.designer.models import Plan
from o2o.kernel.words import N_
from o2o.results.queries import Came, History, Use, Voucher

Day = Callable[[datetime], date]


class Row(NamedTuple):
    """One row behind a number: whose, when, what it is worth in minor units (None for nothing), and a note (msgid)."""

    account_id: int
    at: datetime
    value: int | None = None
    note: str = ""


class Sum(NamedTuple):
    """What came of it against the plan, in minor units: value − cost − fixed; `unplanned` vouchers had no plan."""

    value: int
    cost: int
    fixed: int
    vouchers: int
    unplanned: int

    @property
    def result(self) -> int:
        """Return what is left."""
        return self.value - self.cost - self.fixed


ROWS = ("sold", "redeemed", "refunded", "open", "over", "new", "known", "back")
VISITED = N_("Visited")
FULL_PRICE = N_("Paid the full price")
ON_ITS_WAY = N_("On its way")


def count(found: History, *, now: datetime, day: Day) -> dict[str, list[Row]]:
    """Return the rows of every number, the latest first; `day` gives the town's day of a moment."""
    mine = [use for use in found.uses if use.offer_id == found.offer_id]
    rows = {
        "sold": [Row(one.account_id, one.issued_at, one.paid) for one in found.vouchers],
        "redeemed": _redeemed(mine),
        "refunded": [
            Row(one.account_id, one.at, one.amount, ON_ITS_WAY if one.state == "requested" else "")
            for one in found.refunds
        ],
        **_unused(found, mine, now),
        **_guests(found, mine, day),
    }
    return {name: sorted(rows[name], key=lambda row: row.at, reverse=True) for name in ROWS}


def reckon(found: History) -> Sum | None:
    """Reckon what was redeemed against the plans; None where there is no plan at all.

    Costs follow the terms of each voucher: cost × uses taken / uses, rounded up; the fixed cost is the newest plan's.
    """
    if not found.plans:
        return None
    taken: dict[str, int] = defaultdict(int)
    worth: dict[str, int] = defaultdict(int)
    for use in found.uses:
        taken[use.pass_id] += use.quantity
        worth[use.pass_id] += use.value
    used = [one for one in found.vouchers if one.id in taken]
    planned = [one for one in used if one.terms_id in found.plans]
    costs = [-(-found.plans[one.terms_id].cost * taken[one.id] // one.uses) for one in planned]
    return Sum(
        value=sum(worth[one.id] for one in planned),
        cost=sum(costs),
        fixed=newest_plan(found).fixed,
        vouchers=len(planned),
        unplanned=len(used) - len(planned),
    )


def newest_plan(found: History) -> Plan:
    """Return the plan of the latest terms that have one."""
    return found.plans[max(found.plans)]


def _redeemed(mine: list[Use]) -> list[Row]:
    """Make a row for each voucher that was used: first use, value of all its uses."""
    first: dict[str, Use] = {}
    worth: dict[str, int] = defaultdict(int)
    for use in mine:
        first.setdefault(use.pass_id, use)
        worth[use.pass_id] += use.value
    return [Row(use.account_id, use.at, worth[pass_id]) for pass_id, use in first.items()]


def _unused(found: History, mine: list[Use], now: datetime) -> dict[str, list[Row]]:
    counted = {use.pass_id for use in mine} | {one.pass_id for one in found.refunds}
    still, over = [], []
    for one in found.vouchers:
        if _is_open(one, now):
            still.append(Row(one.account_id, one.issued_at, one.paid - one.spent))
        elif one.id not in counted:
            over.append(Row(one.account_id, one.issued_at, one.paid))
    return {"open": still, "over": over}


def _is_open(one: Voucher, now: datetime) -> bool:
    return one.state == "valid" and one.uses_left > 0 and now < one.expires


def _guests(found: History, mine: list[Use], day: Day) -> dict[str, list[Row]]:
    """Tell new guests from known ones, and who came back."""
    first: dict[int, Use] = {}
    worth: dict[int, int] = defaultdict(int)
    for use in mine:
        first.setdefault(use.account_id, use)
        worth[use.account_id] += use.value
    uses: dict[int, list[Use]] = defaultdict(list)
    for use in found.uses:
        uses[use.account_id].append(use)
    visits: dict[int, list[Came]] = defaultdict(list)
    for visit in found.visits:
        visits[visit.account_id].append(visit)
    rows: dict[str, list[Row]] = {"new": [], "known": [], "back": []}
    for guest, use in first.items():
        seen = any(day(visit.at) < day(use.at) for visit in visits[guest])
        kind = "known" if seen or uses[guest][0].at < use.at else "new"
        rows[kind].append(Row(guest, use.at, worth[guest]))
        returned = _return(day(use.at), uses[guest], visits[guest], day)
        if returned is not None:
            rows["back"].append(returned)
    return rows


def _return(start: date, uses: list[Use], visits: list[Came], day: Day) -> Row | None:
    """Return the first time somebody came back at full price, on a later day than `start`."""
    used = {day(use.at) for use in uses}
    found = [
        Row(visit.account_id, visit.at, None, VISITED)
        for visit in visits
        if day(visit.at) > start and day(visit.at) not in used
    ]
    found += [
        Row(use.account_id, use.at, use.value, FULL_PRICE)
        for use in uses
        if day(use.at) > start and use.price > 0 and use.price == use.parts_price
    ]
    return min(found, key=lambda row: row.at, default=None)
