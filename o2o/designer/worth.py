"""What a deal can bring and cost: whole minor units, no database, no rounding in the shop's favour.

The letters of the formulas: p price of one voucher, F what its parts cost without the deal, c what serving it costs the
shop, K fixed cost of the whole deal, x share of regulars in percent (they would have come anyway and paid F),
n vouchers sold, N the most that can be sold from now on. Of a deal that has sold before: E what its redeemed uses left,
O what each of its terms versions still owes, value minus cost of all uses that are sold and not redeemed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

HUNDRED = 100
TENTHS = 1000  # tenths of a percent in the whole

Kind = Literal["all", "day", "each"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One deal's figures in minor units; `regulars` in percent, `days` on which it can be bought (None unknown).

    `sold` vouchers, `sold_today` of them today, are gone from the caps; `earned` is E, `owed` holds O by terms version.
    """

    price: int
    full: int
    cost: int
    fixed: int = 0
    regulars: int = 0
    total_cap: int | None = None
    day_cap: int | None = None
    days: int | None = None
    sold: int = 0
    sold_today: int = 0
    earned: int = 0
    owed: tuple[int, ...] = ()


class Worst(NamedTuple):
    """The worst case: at most 0, in minor units.

    `kind` says of what: "all" of the whole deal; "day" of one day, with no end of days; "each" of one voucher, with no
    end of vouchers. The last two come on top of the fixed cost.
    """

    kind: Kind
    amount: int

    @property
    def loss(self) -> int:
        """Give the loss as an amount that is not negative."""
        return -self.amount

    @property
    def figure(self) -> str:
        """Write the worst case as one word, such as "all:12000", for a form that says it is known."""
        return f"{self.kind}:{self.loss}"


def margin(deal: Deal) -> int:
    """Return what one voucher leaves: p − c; negative under cost."""
    return deal.price - deal.cost


def most(deal: Deal) -> int | None:
    """Return N, the smaller of total and day's number × days, without what is sold; None where nothing limits it."""
    limits = [] if deal.total_cap is None else [max(0, deal.total_cap - deal.sold)]
    if deal.day_cap is not None and deal.days is not None:
        limits.append(max(0, deal.day_cap * deal.days - deal.sold_today))
    return min(limits, default=None)


def break_even_price(deal: Deal) -> int:
    """Return the smallest p at which a voucher brings no less than no deal at all.

    p − c − x(F − c)/100 ≥ 0 where F > c: c + ceil(x(F − c)/100); else p ≥ c. Never above F where F > c.
    """
    return deal.cost + _ceil(deal.regulars * _forgone(deal), HUNDRED)


def break_even_count(deal: Deal) -> int | None:
    """Return how many vouchers cover the fixed cost: ceil(K / (p − c)); None where none ever do (p ≤ c)."""
    if margin(deal) <= 0:
        return None
    return _ceil(deal.fixed, margin(deal))


def break_even_share(deal: Deal) -> int | None:
    """Return the largest share of regulars that a voucher bears, in tenths of a percent, rounded down.

    p − c − x(F − c)/100 ≥ 0: floor(1000(p − c)/(F − c)), at most 1000; 1000 where F ≤ c ≤ p; None where p < c.
    """
    if margin(deal) < 0:
        return None
    if _forgone(deal) == 0:
        return TENTHS
    return min(TENTHS, TENTHS * margin(deal) // _forgone(deal))


def sold_result(deal: Deal, count: int) -> int:
    """Return what `count` vouchers leave in the till: n(p − c) − K."""
    return count * margin(deal) - deal.fixed


def regulars_cost(deal: Deal, count: int) -> int:
    """Return what regulars among `count` buyers pay less than they would have: n·x/100 × (F − p), rounded up."""
    return _ceil(count * deal.regulars * max(0, deal.full - deal.price), HUNDRED)


def gain(deal: Deal, count: int) -> int:
    """Return what `count` vouchers bring against no deal at all: n(p − c) − n·x/100 × (F − c) − K, rounded down.

    The same as what new guests leave minus what regulars cost: n(1 − x/100)(p − c) − n·x/100 × (F − p) − K. Where
    F ≤ c regulars brought nothing before, so nothing is taken off for them.
    """
    return sold_result(deal, count) - _ceil(count * deal.regulars * _forgone(deal), HUNDRED)


def uncovered(deal: Deal) -> int:
    """Return what redeemed uses have not yet earned of the fixed cost: max(0, K − max(0, E))."""
    return max(0, deal.fixed - max(0, deal.earned))


def rest_result(deal: Deal, count: int) -> int:
    """Return what is still to come if `count` more are sold and all are redeemed: n(p − c) + ΣO − uncovered()."""
    return count * margin(deal) + sum(deal.owed) - uncovered(deal)


def worst(deal: Deal) -> Worst:
    """Return the worst case from now on, over every number that can be sold, 0 … N, and what is sold, redeemed or not.

    min(0, N(p − c)) + Σ min(0, O) − uncovered(). What was redeemed is over; it only covers the fixed cost. Under cost
    and without N there is no bottom: then it is what one day (its number × (p − c)) or one voucher costs.
    """
    before = sum(min(0, one) for one in deal.owed) - uncovered(deal)
    if margin(deal) >= 0:
        return Worst("all", before)
    limit = most(deal)
    if limit is not None:
        return Worst("all", limit * margin(deal) + before)
    if deal.day_cap is not None:
        return Worst("day", deal.day_cap * margin(deal))
    return Worst("each", margin(deal))


def together(found: Sequence[Worst]) -> Worst:
    """Add up worst cases; with one that has no bottom the sum has none, and says what a day or voucher costs."""
    kinds = {one.kind for one in found}
    kind: Kind = "each" if "each" in kinds else "day" if "day" in kinds else "all"
    return Worst(kind, sum(one.amount for one in found if one.kind == kind))


def bottom(deal: Deal) -> int | None:
    """Return the worst result of the whole deal; None where there is no bottom."""
    found = worst(deal)
    return found.amount if found.kind == "all" else None


def is_under_cost(deal: Deal) -> bool:
    """Tell whether the deal loses money even if everything is sold and redeemed.

    p < c with any left to sell, or N(p − c) + ΣO < uncovered().
    """
    limit = most(deal)
    if margin(deal) < 0 and limit != 0:
        return True
    if limit is None:
        return margin(deal) == 0 and rest_result(deal, 0) < 0
    return rest_result(deal, limit) < 0


def visits_back(deal: Deal) -> int | None:
    """Return how many later visits at full price earn back one voucher: ceil((c − p)/(F − c)); None if none can."""
    if margin(deal) >= 0:
        return 0
    if _forgone(deal) == 0:
        return None
    return _ceil(-margin(deal), _forgone(deal))


def _forgone(deal: Deal) -> int:
    """Return what a regular leaves without the deal: F − c, nothing where that is less."""
    return max(0, deal.full - deal.cost)


def _ceil(over: int, under: int) -> int:
    return -(-over // under)
