"""The written rules of conduct, what each may lead to, and what each step means: data and pure functions.

The public page, the operator's form and the verbs of sanctions read the same rows.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final, NamedTuple

from o2o.conduct.models import STEPS
from o2o.kernel.words import N_


class Rule(NamedTuple):
    """One rule: what it asks, which steps a breach may lead to; a grave one may begin with a suspension."""

    key: str
    title: str
    text: str
    steps: tuple[str, ...]
    grave: bool = False


class Step(NamedTuple):
    """One step of the ladder: its name, what it does, how many days it stands (None: until it is lifted)."""

    key: str
    name: str
    effect: str
    days: int | None


RULES: Final = (
    Rule(
        "R1",
        N_("Honour what you sold"),
        N_("Take every valid pass as it was sold: nothing on top to pay, no worse service."),
        STEPS,
    ),
    Rule(
        "R2",
        N_("Say what is true"),
        N_("Prices, portions, pictures and hours are as you write them."),
        ("warn", "limit", "suspend"),
    ),
    Rule(
        "R3",
        N_("No bought praise"),
        N_("No reward for stars, no reviews of your own, no purchases to look busy."),
        STEPS,
    ),
    Rule(
        "R4",
        N_("Let guests speak"),
        N_("No pressure on anybody because of a review, a refund or a complaint."),
        ("warn", "limit", "suspend"),
    ),
    Rule(
        "R5",
        N_("Guests' data is for their visit"),
        N_("What you learn of guests here serves their visit and what they agreed to, nothing else."),
        STEPS,
        grave=True,
    ),
    Rule(
        "R6",
        N_("Be who you say you are"),
        N_("Name, papers and bank account are real, and yours."),
        ("suspend", "delist"),
        grave=True,
    ),
    Rule(
        "R7",
        N_("Nobody gets hurt"),
        N_("Nothing that endangers guests or staff; what an authority has closed stays closed."),
        ("suspend", "delist"),
        grave=True,
    ),
    Rule(
        "R8",
        N_("No made-up uses"),
        N_("No uses, purchases or refunds that no guest ever had."),
        ("suspend", "delist"),
        grave=True,
    ),
)
LADDER: Final = (
    Step("warn", N_("Warning"), N_("Said in writing. Nothing stops."), 90),
    Step(
        "limit",
        N_("Limit"),
        N_("No new offers, and none is changed. What is on sale stays on sale."),
        30,
    ),
    Step(
        "suspend",
        N_("Suspension"),
        N_(
            "Nothing is sold. Passes stay good at the till, and whoever holds one may have the money back,"
            " whatever its terms say."
        ),
        None,
    ),
    Step(
        "delist",
        N_("Delisting"),
        N_(
            "The shop leaves the map and the search. Open passes are paid back by themselves. The owner can still"
            " object, and take all data along."
        ),
        None,
    ),
)
# So long an owner may object, and so long an operator may take to decide: after that the sanction is lifted.
APPEAL: Final = timedelta(days=14)
DECIDE: Final = timedelta(days=14)
# So long after its end a step still counts as the one below.
COUNTS_FOR: Final = timedelta(days=365)
# Steps that may be given another length, in days, up to so many.
TIMED: Final = ("limit", "suspend")
MOST_DAYS: Final = 180


def rule_of(key: str) -> Rule | None:
    """Return the rule of this key, None where there is none."""
    return next((rule for rule in RULES if rule.key == key), None)


def step_of(key: str) -> Step:
    """Return a step of the ladder; LookupError for what is none."""
    return LADDER[STEPS.index(key)] if key in STEPS else _no_step(key)


def below(rule: Rule, step: str) -> str | None:
    """Say which step must have come before this one; None where it may be the first."""
    if step == STEPS[0] or (rule.grave and step == "suspend"):
        return None
    return STEPS[STEPS.index(step) - 1]


def effect(steps: Collection[str]) -> tuple[str | None, bool]:
    """Say what steps that hold together make of a shop: its `sanction`, and whether it is off the map."""
    if "delist" in steps:
        return "suspended", True
    if "suspend" in steps:
        return "suspended", False
    return ("limited", False) if "limit" in steps else (None, False)


def _no_step(key: str) -> Step:
    raise LookupError(key)
