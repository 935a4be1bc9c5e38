"""Which days go with which hours: the least awkward way to cut the items of a text into claims.

People put the days before the hours or behind them, with commas or, when they dictate, without any. A claim is days
and what is said of them, in either order; every awkwardness costs, and the cheapest cut of the whole text is taken.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from o2o.said_hours.scan import Item
from o2o.said_hours.words import COMMA, NEAR, NEWLINE, STRONG

LONGEST = 16  # items of one claim
_BETWEEN = {NEAR: 0.6, COMMA: 0.3, NEWLINE: 0.0, STRONG: 0.0}
_SAME = {NEAR: 0.1, COMMA: 0.1, NEWLINE: 0.6, STRONG: 3.0}
_ACROSS = {NEAR: 0.0, COMMA: 0.5, NEWLINE: 0.4, STRONG: 3.0}
_TURNED = 0.5  # days first here, hours first there
_NO = 1e9


class Best(NamedTuple):
    """The cheapest cut so far: its cost, where its last claim began, and which way round that was."""

    cost: float
    start: int
    before: int


def cut(items: Sequence[Item], *, longer: bool = True) -> list[list[Item]]:
    """Cut items into claims; of two equally good cuts take the one whose last claims are longer, or shorter."""
    # best[end][way]: way 0 is days first or unknown, 1 hours first.
    best: list[list[Best]] = [[Best(0.0, 0, 0), Best(0.0, 0, 1)]]
    for end in range(1, len(items) + 1):
        row = [Best(_NO, end - 1, 0), Best(_NO, end - 1, 0)]
        starts = range(max(0, end - LONGEST), end)
        for start in starts if longer else reversed(starts):
            for way, cost in _ways(items[start:end], is_first=start == 0):
                cost += _BETWEEN[items[start].gap] if start else 0.0
                for before in (0, 1):
                    total = best[start][before].cost + cost + (_TURNED if before != way and start else 0.0)
                    if total < row[way].cost - 1e-6:
                        row[way] = Best(total, start, before)
        best.append(row)
    claims: list[list[Item]] = []
    end = len(items)
    way = 0 if best[end][0].cost <= best[end][1].cost else 1
    while end:
        step = best[end][way]
        claims.append(list(items[step.start : end]))
        end, way = step.start, step.before
    return claims[::-1]


def _ways(claim: Sequence[Item], *, is_first: bool) -> list[tuple[int, float]]:
    """Return which way round these items are one claim, and what it costs; nothing where they are none."""
    kinds = [item.is_days for item in claim]
    turns = sum(one != other for one, other in pairwise(kinds))
    if turns > 1:
        return []
    cost = _inner(claim)
    if not turns:
        idle = all(item.season or item.service or item.holiday for item in claim)
        alone = (0.5 if idle else 5.0) if kinds[0] else _said_alone(claim, is_first=is_first)
        return [(0, cost + alone), (1, cost + alone)]
    return [(0 if kinds[0] else 1, cost)]


def _inner(claim: Sequence[Item]) -> float:
    cost = 0.0
    for one, other in pairwise(claim):
        cost += (_SAME if one.is_days == other.is_days else _ACROSS)[other.gap]
        if other.is_days and not one.is_days and other.gap == NEWLINE:
            cost += 1.6
        if other.service and not one.is_days and other.gap != NEAR:
            cost += 3.0
    said = [item.kind for item in claim if not item.is_days]
    if "closed" in said and len(said) > said.count("pause") + 1:
        cost += 4.0
    # "Last orders 21:30, daily 10-22": the second half is not about orders.
    if any(item.service for item in claim) and any(item.days for item in claim):
        cost += 1.5
    return cost


def _said_alone(claim: Sequence[Item], *, is_first: bool) -> float:
    if all(item.kind == "pause" for item in claim):
        return 0.5
    if any(item.kind == "closed" for item in claim):
        return 3.0
    return 1.0 if is_first or claim[0].gap >= NEWLINE else 2.0
