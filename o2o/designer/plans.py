"""What an owner reckons with beside the terms: checked, asked about once more under cost, kept for nobody else."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from o2o.designer import worth
from o2o.designer.models import Plan
from o2o.kernel.errors import RuleBroken
from o2o.kernel.money import GREATEST
from o2o.kernel.words import N_
from o2o.offers.models import Terms
from o2o.offers.rules import Draft

REGULARS = 30  # percent; what a form begins with
UNDER_COST = N_(
    "This deal can cost you more than it brings. Look at the worst case; press once more if you mean it."
)
# What can be wrong with a plan: code -> (the form's field, what to say).
PLAN_FAULTS = {
    "cost_range": ("cost", N_("The cost must not be negative or that large.")),
    "fixed_range": ("fixed", N_("The fixed cost must not be negative or that large.")),
    "regulars_range": ("regulars", N_("The share of regulars is a whole number from 0 to 100.")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """An owner's plan, in minor units and percent; `known` is the worst case they say they know (Worst.figure).

    `is_meant` says that they confirmed this plan before, at another branch: nothing is asked.
    """

    cost: int
    fixed: int = 0
    regulars: int = REGULARS
    known: str = ""
    is_meant: bool = False


class Sales(NamedTuple):
    """What an offer has sold under all its terms: see worth.Deal."""

    sold: int = 0
    sold_today: int = 0
    earned: int = 0
    owed: tuple[int, ...] = ()


NOTHING_SOLD = Sales()


def deal_of(terms: Draft | Terms, plan: Costs | Plan, today: date, sales: Sales = NOTHING_SOLD) -> worth.Deal:
    """Put terms, a plan and sales together; fixed dates say on how many days it can be bought, from `today` on."""
    last = terms.valid_until
    return worth.Deal(
        price=terms.price,
        full=terms.parts_price,
        cost=plan.cost,
        fixed=plan.fixed,
        regulars=plan.regulars,
        total_cap=terms.total_cap,
        day_cap=terms.day_cap,
        days=None if last is None else max(1, (last - today).days + 1),
        **sales._asdict(),
    )


def check_costs(costs: Costs) -> None:
    """Raise RuleBroken (422) with a code of PLAN_FAULTS for the first fault."""
    for name, most in (("cost", GREATEST), ("fixed", GREATEST), ("regulars", 100)):
        if not 0 <= getattr(costs, name) <= most:
            field, sentence = PLAN_FAULTS[f"{name}_range"]
            raise RuleBroken(f"{name}_range", sentence, status=422, field=field)


def ask(found: worth.Worst, known: str, *, sold: int = 0) -> None:
    """Raise RuleBroken under_cost (422), with the worst case, unless this very figure is known."""
    if known != found.figure:
        raise RuleBroken("under_cost", UNDER_COST, status=422, worst=found, sold=sold)
