"""The one formula behind "Best": its constants, the points in Python, and the same in SQL.

Written down for everybody on /about/ranking and in docs/ranking.md, both made from these constants. The formula
reads the columns of READ and nothing else: none of them can be set by money.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, and_, case, cast

from o2o.shops.models import Shop

# A mean with a prior (Bayesian average): few ratings stay near what is usual.
PRIOR_MEAN = 3.7
PRIOR_COUNT = 5
# "As advertised?": so many answers, so many of them yes, are assumed before the first one.
HONEST_PRIOR = 0.9
HONEST_COUNT = 5
# The most that each part can give, in points.
RATING_POINTS = 1000
HONEST_POINTS = 200
OPEN_POINTS = 40
NEAR_POINTS = 40
LEFT_POINTS = 20
# Metres at which closeness gives half of its points; it falls with the square, which every SQLite can compute.
HALF_WAY = 1000
METRES = 111_195  # of a degree of latitude

SHOP: Any = Shop.__table__.c
READ = (
    "rating_sum",
    "rating_count",
    "honest_yes",
    "honest_count",
    "has_left",
    "lat",
    "lng",
    "open_from",
    "open_to",
)


class Inputs(NamedTuple):
    """What the formula knows of a shop: sums of ratings and answers, open or not, metres, something left or not."""

    rating_sum: int
    rating_count: int
    honest_yes: int
    honest_count: int
    is_open: bool
    metres: float
    has_left: bool


class Points(NamedTuple):
    """What each part gives; the order is by their sum."""

    rating: float
    honest: float
    open: float
    near: float
    left: float

    @property
    def total(self) -> float:
        """Add the parts up."""
        return sum(self)


def mean(rating_sum: int, rating_count: int) -> float:
    """Give the mean of 1 to 5 stars with its prior: (sum + PRIOR_MEAN × PRIOR_COUNT) / (count + PRIOR_COUNT)."""
    return (rating_sum + PRIOR_MEAN * PRIOR_COUNT) / (rating_count + PRIOR_COUNT)


def honesty(yes: int, count: int) -> float:
    """Give the share of "as advertised", 0 to 1, with its prior."""
    return (yes + HONEST_PRIOR * HONEST_COUNT) / (count + HONEST_COUNT)


def closeness(metres: float) -> float:
    """Give the points of being near: half of the most at HALF_WAY."""
    return NEAR_POINTS / (1 + (metres / HALF_WAY) ** 2)


def points(given: Inputs) -> Points:
    """Turn what is known of a shop into points."""
    return Points(
        rating=RATING_POINTS * (mean(given.rating_sum, given.rating_count) - 1) / 4,
        honest=HONEST_POINTS * honesty(given.honest_yes, given.honest_count),
        open=OPEN_POINTS if given.is_open else 0.0,
        near=closeness(given.metres),
        left=LEFT_POINTS if given.has_left else 0.0,
    )


def expression(squared: ColumnElement[Any], now: ColumnElement[Any] | datetime) -> ColumnElement[float]:
    """Write the same sum in SQL; `squared` is the planar distance in degrees squared, as searches measure it."""
    rated = (SHOP.rating_sum + PRIOR_MEAN * PRIOR_COUNT) / cast(SHOP.rating_count + PRIOR_COUNT, Float(53))
    honest = (SHOP.honest_yes + HONEST_PRIOR * HONEST_COUNT) / cast(
        SHOP.honest_count + HONEST_COUNT, Float(53)
    )
    is_open = and_(SHOP.open_from <= now, SHOP.open_to > now)
    half_ways = squared * ((METRES / HALF_WAY) ** 2)
    return (
        RATING_POINTS * (rated - 1) / 4
        + HONEST_POINTS * honest
        + case((is_open, float(OPEN_POINTS)), else_=0.0)
        + NEAR_POINTS / (1 + half_ways)
        + case((SHOP.has_left.is_(True), float(LEFT_POINTS)), else_=0.0)
    )
