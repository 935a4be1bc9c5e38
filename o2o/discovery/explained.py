"""What /about/ranking prints: the constants of the formula, and examples that the formula itself computes."""

from typing import Any, NamedTuple

from flask_babel import gettext as _

from o2o.discovery import ranking
from o2o.discovery.ranking import Inputs

# A café with two perfect ratings beside one with forty that are nearly so: (sum, count).
FEW, MANY = (10, 2), (184, 40)
CONSTANTS = (
    "PRIOR_MEAN", "PRIOR_COUNT", "HONEST_PRIOR", "HONEST_COUNT", "RATING_POINTS", "HONEST_POINTS", "OPEN_POINTS",
    "NEAR_POINTS", "LEFT_POINTS", "HALF_WAY",
)  # fmt: skip


class Line(NamedTuple):
    """One part of the sum: what it is called, the most it gives, how it is reckoned, and from what."""

    name: str
    constant: str
    most: str
    formula: str
    source: str


def page_values() -> dict[str, Any]:
    """Give everything that the page prints, numbers as they are in the code."""
    few, many = Inputs(*FEW, 0, 0, True, 350, True), Inputs(*MANY, 0, 0, True, 350, True)
    return {
        "constants": {name: f"{getattr(ranking, name):g}" for name in CONSTANTS},
        "lines": lines(),
        "examples": [example(given) for given in (few, many)],
    }


def lines() -> list[Line]:
    """List the parts of the sum, the weightiest first."""
    mean, count = f"{ranking.PRIOR_MEAN:g}", ranking.PRIOR_COUNT
    share, asked = f"{ranking.HONEST_PRIOR:g}", ranking.HONEST_COUNT
    rows = (
        ("RATING_POINTS", _("Rating"), f"(Σ + {mean} × {count}) ÷ (n + {count}) = m; {{most}} × (m − 1) ÷ 4",
         _("Stars of the reviews that count")),
        ("HONEST_POINTS", _("As advertised"), f"{{most}} × (yes + {share} × {asked}) ÷ (n + {asked})",
         _("Answers after a redemption: was it as advertised?")),
        ("OPEN_POINTS", _("Open now"), "{most}", _("The shop's opening hours")),
        ("NEAR_POINTS", _("Near"), f"{{most}} ÷ (1 + (d ÷ {ranking.HALF_WAY:g} m)²)",
         _("Distance d from you, or from the centre")),
        ("LEFT_POINTS", _("Something left"), "{most}", _("An offer on sale is not sold out")),
    )  # fmt: skip
    found = []
    for constant, name, formula, source in rows:
        most = f"{getattr(ranking, constant):g}"
        found.append(Line(name, constant, most, formula.format(most=most), source))
    return found


def example(given: Inputs) -> dict[str, str]:
    """Reckon one shop's points as the order does."""
    parts = ranking.points(given)
    return {
        "plain": f"{given.rating_sum / given.rating_count:.2f}",
        "count": str(given.rating_count),
        "mean": f"{ranking.mean(given.rating_sum, given.rating_count):.2f}",
        "rating": f"{parts.rating:.1f}",
        "total": f"{parts.total:.1f}",
    }
