"""Why a card stands where it stands: its state and distance, its price, or its points part by part.

A sentence is printed once with its card; what differs from visitor to visitor is put in place of a mark.
"""

from collections.abc import Mapping
from functools import lru_cache

from flask_babel import gettext
from flask_babel import gettext as _

from o2o.discovery import ranking
from o2o.discovery.ranking import Inputs
from o2o.kernel.words import N_
from o2o.places import categories
from o2o.vocabulary import queries as words

HERE = "\x00"  # stands for the distance
CLOSE = "\x01"  # for the points of closeness
TOTAL = "\x02"  # for the sum of all points
MATCH = "\x03"  # for what of the shop was found by the text
MARKS = str.maketrans("", "", HERE + CLOSE + TOTAL + MATCH)
SORTED = {"near": "nearest", "price": "cheapest", "rating": "best"}


def why(order: str, *, state: str, price: str, given: Inputs, is_measured: bool, locale: str) -> str:
    """Say in one line what put a shop at its place; `state` is the card's, `is_measured` from the visitor."""
    say = phrases(locale)
    if order == "rating":
        return f"{MATCH}{_sum(given, say)}"
    where = say["from you" if is_measured else "from centre"] % {"distance": HERE}
    if order == "price":
        first = say["price"] % {"price": price} if price else say["no offer"]
    else:
        first = say[{"yes": "open", "": "unknown"}.get(state, "closed")]
    return f"{MATCH}{first} · {where}"


def _sum(given: Inputs, say: Mapping[str, str]) -> str:
    """Write the sum of points; closeness and total wait for the visitor's distance."""
    parts = ranking.points(given)
    rated, asked = given.rating_count, given.honest_count
    mean = ranking.mean(given.rating_sum, rated)
    share = ranking.honesty(given.honest_yes, asked)
    lines = (
        (say["rating"] % {"mean": f"{mean:.2f}", "count": rated}, number(parts.rating)),
        (say["honest"] % {"share": f"{100 * share:.0f}", "count": asked}, number(parts.honest)),
        (say["open" if given.is_open else "not open"], number(parts.open)),
        (HERE, CLOSE),
        (say["left" if given.has_left else "none left"], number(parts.left)),
    )
    return " + ".join(f"{name} → {value}" for name, value in lines) + f" = {TOTAL}"


def number(points: float) -> str:
    """Write points with one decimal, none where it says nothing."""
    return f"{points:.1f}".removesuffix(".0")


@lru_cache(maxsize=8)
def phrases(locale: str) -> Mapping[str, str]:
    """Translate once what stands on every card."""
    return {
        "open": _("Open now"),
        "closed": gettext(N_("Closed now")),
        "not open": gettext(N_("Not open now")),
        "unknown": gettext(N_("Opening hours unknown")),
        "from you": gettext(N_("%(distance)s from you")),
        "from centre": gettext(N_("%(distance)s from the centre")),
        "price": gettext(N_("Cheapest offer %(price)s")),
        "no offer": gettext(N_("No offer on sale")),
        "rating": gettext(N_("Rating %(mean)s (%(count)s)")),
        "honest": gettext(N_("As advertised %(share)s%% (%(count)s)")),
        "left": gettext(N_("Something left")),
        "none left": gettext(N_("Nothing to buy")),
        "nearest": gettext(N_("Open ones first, then near")),
        "cheapest": gettext(N_("Cheapest first, then near")),
        "best": gettext(N_("Most points first")),
        "name": gettext(N_("Found by its name")),
        "category": gettext(N_("Found by its category")),
        "offer": gettext(N_("Found by its offer")),
        "other": gettext(N_("Found by a related word")),
        "why": gettext(N_("Why here?")),
        "reviews": gettext(N_("reviews")),
    }


def match(query: str, names: str, category: str, offer: str, locale: str) -> str:
    """Say by which of its texts a shop was found, as far as that can be seen from its card."""
    return f"{phrases(locale)[_matched(query, names, category, offer)]} · "


@lru_cache(maxsize=4096)
def _matched(query: str, names: str, category: str, offer: str) -> str:
    typed = words.squash(query)
    kind = categories.category(category)
    texts = {"name": names, "category": f"{kind.name_zh} {kind.name_en}", "offer": offer}
    return next((what for what, text in texts.items() if typed and typed in words.squash(text)), "other")
