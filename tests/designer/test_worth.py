"""What a deal can cost: cases worked out by hand, and what must hold for every deal. All amounts in fen."""

import ast
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.designer import worth
from o2o.designer.worth import Deal, Worst

# (deal, what each function gives)
LUNCH = {"price": 3800, "full": 5000, "cost": 2600}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # 38.00 − 26.00 = 12.00; × 100 = 1200.00
    "a lunch": ({**LUNCH, "total_cap": 100}, {"margin": 1200, "most": 100, "all": 120000, "worst": ("all", 0)}),
    # c + 30 × (50.00 − 26.00)/100 = 26.00 + 7.20; 1000 × 12.00/24.00 = 500 tenths
    "regulars": ({**LUNCH, "regulars": 30}, {"price": 3320, "share": 500, "most": None, "worst": ("all", 0)}),
    # 100 × 30/100 × (50.00 − 38.00) = 360.00; 1200.00 − 100 × 30/100 × 24.00 = 480.00
    "what regulars cost": ({**LUNCH, "regulars": 30, "total_cap": 100}, {"regulars": 36000, "gain": 48000}),
    # 200.00 / 12.00 = 16.67, so 17; 10 × 12.00 − 200.00 = −80.00: not even all ten cover it
    "a fixed cost": (
        {**LUNCH, "fixed": 20000, "total_cap": 10},
        {"count": 17, "all": -8000, "worst": ("all", -20000), "under": True},
    ),
    # 17 × 12.00 − 200.00 = 4.00: the seventeenth covers it; nothing sold leaves −200.00
    "just covered": (
        {**LUNCH, "fixed": 20000, "total_cap": 17},
        {"all": 400, "worst": ("all", -20000), "under": False},
    ),
    # 20.00 − 26.00 = −6.00; × 50 = −300.00; 6.00 / (50.00 − 26.00) = 0.25, so one visit
    "under cost": (
        {**LUNCH, "price": 2000, "total_cap": 50},
        {"margin": -600, "worst": ("all", -30000), "back": 1, "share": None, "count": None, "under": True},
    ),
    # −6.00 × 50 − 100.00 = −400.00
    "under cost and a fixed cost": (
        {**LUNCH, "price": 2000, "total_cap": 50, "fixed": 10000},
        {"worst": ("all", -40000), "count": None},
    ),
    # No cap: −6.00 each, and no end
    "no bottom": ({**LUNCH, "price": 2000}, {"worst": ("each", -600), "most": None, "under": True}),
    # 20 × −6.00 = −120.00 a day, and no end of days
    "a day's number only": ({**LUNCH, "price": 2000, "day_cap": 20}, {"worst": ("day", -12000), "most": None}),
    # 20 × 7 days = 140 × −6.00 = −840.00
    "a day's number and a week": (
        {**LUNCH, "price": 2000, "day_cap": 20, "days": 7},
        {"worst": ("all", -84000), "most": 140},
    ),
    # min(100, 20 × 7) = 100 × −6.00 = −600.00
    "both caps": (
        {**LUNCH, "price": 2000, "day_cap": 20, "days": 7, "total_cap": 100},
        {"worst": ("all", -60000), "most": 100},
    ),
    # 0 − 3.00; 3.00 / (18.00 − 3.00) = 0.2, so one visit; 3.00 + 30 × 15.00/100 = 7.50
    "a free taste": (
        {"price": 0, "full": 1800, "cost": 300, "regulars": 30, "total_cap": 200},
        {"worst": ("all", -60000), "back": 1, "price": 750, "regulars": 108000},
    ),
    # 9.99 + 33 × (20.00 − 9.99)/100 = 13.2933, so 13.30; 1000 × 3.31/10.01 = 330.7 tenths, so 330
    "half a fen": ({"price": 1330, "full": 2000, "cost": 999, "regulars": 33}, {"price": 1330, "share": 330}),
    # 7 × 33/100 × (20.00 − 13.30) = 15.477, against the shop 15.48; 7 × 3.31 − 7 × 33/100 × 10.01 = 0.0469, so 0.04
    "rounded against the shop": (
        {"price": 1330, "full": 2000, "cost": 999, "regulars": 33, "total_cap": 7},
        {"regulars": 1548, "gain": 4},
    ),
    # Full price under cost: regulars brought nothing before, and no visit earns anything back; 8 × 5.00 = 40.00
    "dearer to make than to sell": (
        {"price": 1000, "full": 1500, "cost": 1600, "regulars": 80, "total_cap": 10},
        {"price": 1600, "back": None, "share": None, "gain": -6000, "regulars": 4000},
    ),
    # 0.00 a voucher never covers 1.00
    "nothing left for the fixed cost": (
        {"price": 2600, "full": 5000, "cost": 2600, "fixed": 100},
        {"margin": 0, "count": None, "worst": ("all", -100), "under": True, "share": 0},
    ),
    # 26.00 = 26.00 = 26.00: whoever comes, nothing is lost
    "everything the same": (
        {"price": 2600, "full": 2600, "cost": 2600, "regulars": 100},
        {"price": 2600, "share": 1000, "under": False, "back": 0, "count": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_by_hand(name: str) -> None:
    values, wanted = CASES[name]
    deal = Deal(**values)
    sold = deal.total_cap or 0
    found = {
        "margin": worth.margin(deal),
        "most": worth.most(deal),
        "price": worth.break_even_price(deal),
        "count": worth.break_even_count(deal),
        "share": worth.break_even_share(deal),
        "all": worth.sold_result(deal, sold),
        "regulars": worth.regulars_cost(deal, sold),
        "gain": worth.gain(deal, sold),
        "worst": tuple(worth.worst(deal)),
        "back": worth.visits_back(deal),
        "under": worth.is_under_cost(deal),
    }
    assert {key: found[key] for key in wanted} == wanted


def test_a_fen_off_the_price_is_the_difference() -> None:
    # 13.30 − 9.99 = 3.31, 33 % of 10.01 = 3.3033: holds; 13.29 leaves 3.30: fails
    assert _holds(Deal(price=1330, full=2000, cost=999, regulars=33))
    assert not _holds(Deal(price=1329, full=2000, cost=999, regulars=33))


def test_a_worst_case_has_one_word() -> None:
    assert Worst("day", -12000).figure == "day:12000"
    assert Worst("all", 0).figure == "all:0"


def test_worst_cases_add_up_to_what_has_no_bottom() -> None:
    assert worth.together([Worst("all", -300), Worst("all", -200)]) == Worst("all", -500)
    assert worth.together([Worst("all", -300), Worst("day", -120), Worst("day", -80)]) == Worst("day", -200)
    assert worth.together([Worst("day", -120), Worst("each", -6), Worst("all", -300)]) == Worst("each", -6)


AMOUNTS = st.integers(0, 2**31 - 1)
CAPS = st.none() | st.integers(1, 1_000_000)


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    full = draw(AMOUNTS)
    return Deal(
        price=draw(st.integers(0, full)),
        full=full,
        cost=draw(AMOUNTS | st.integers(0, full)),
        fixed=draw(st.just(0) | AMOUNTS),
        regulars=draw(st.integers(0, 100)),
        total_cap=draw(CAPS),
        day_cap=draw(CAPS),
        days=draw(st.none() | st.integers(1, 731)),
    )


def _with(deal: Deal, **change: Any) -> Deal:
    return Deal(**{name: getattr(deal, name) for name in Deal.__slots__} | change)


def _holds(deal: Deal) -> bool:
    """Ask the plain inequality, in exact fractions."""
    forgone = max(0, deal.full - deal.cost)
    return deal.price - deal.cost - Fraction(deal.regulars, 100) * forgone >= 0


def _loss(deal: Deal) -> tuple[int, int, int]:
    """Order worst cases: no end of vouchers is worse than no end of days, and both than any whole loss."""
    found = worth.worst(deal)
    return {"all": (0, found.loss, 0), "day": (1, 0, 0), "each": (2, 0, 0)}[found.kind]


@given(deals(), st.sampled_from(["total_cap", "day_cap"]), st.integers(1, 1_000_000))
def test_a_cap_never_raises_the_worst_case(deal: Deal, name: str, cap: int) -> None:
    before = getattr(deal, name)
    lower = _with(deal, **{name: cap if before is None else min(cap, before)})
    assert _loss(lower) <= _loss(deal)
    if worth.worst(lower).kind == worth.worst(deal).kind:
        assert worth.worst(lower).loss <= worth.worst(deal).loss


@given(deals(), st.integers(0, 1_000_000))
def test_no_number_of_vouchers_is_worse_than_the_worst_case(deal: Deal, count: int) -> None:
    limit = worth.most(deal)
    sold = count if limit is None else min(count, limit)
    bottom = worth.bottom(deal)
    if bottom is not None:
        assert worth.sold_result(deal, sold) >= bottom
    assert worth.gain(deal, sold) <= worth.sold_result(deal, sold)


@given(deals())
def test_the_break_even_price_is_exact_to_the_fen(deal: Deal) -> None:
    price = worth.break_even_price(deal)
    assert _holds(_with(deal, price=price))
    if price > 0:
        assert not _holds(_with(deal, price=price - 1)) or price == deal.cost == 0


@given(deals(), st.integers(1, 1000))
def test_at_the_break_even_price_a_deal_brings_no_less_than_none(deal: Deal, hundreds: int) -> None:
    count = 100 * hundreds  # whole people
    free = _with(deal, fixed=0)
    price = worth.break_even_price(deal)
    assert worth.gain(_with(free, price=price), count) >= 0
    if price > 0:
        assert worth.gain(_with(free, price=price - 1), count) < 0


@given(deals(), st.integers(0, 100), st.integers(0, 1_000_000))
def test_more_regulars_are_never_better(deal: Deal, regulars: int, count: int) -> None:
    more = _with(deal, regulars=max(regulars, deal.regulars))
    assert worth.gain(more, count) <= worth.gain(deal, count)
    assert worth.regulars_cost(more, count) >= worth.regulars_cost(deal, count)
    assert worth.break_even_price(more) >= worth.break_even_price(deal)


@given(deals(), st.integers(0, 1_000_000))
def test_with_no_regulars_the_plain_margin_is_left(deal: Deal, count: int) -> None:
    none = _with(deal, regulars=0)
    assert worth.regulars_cost(none, count) == 0
    assert worth.gain(none, count) == count * worth.margin(none) - none.fixed
    assert worth.break_even_price(none) == none.cost


@given(deals(), st.integers(1, 10_000))
def test_new_guests_minus_regulars_is_the_same_sum(deal: Deal, hundreds: int) -> None:
    count = 100 * hundreds
    came_anyway = hundreds * deal.regulars
    if deal.full >= deal.cost:
        new = (count - came_anyway) * worth.margin(deal)
        assert worth.gain(deal, count) == new - worth.regulars_cost(deal, count) - deal.fixed


@given(deals())
def test_the_share_that_is_borne_is_exact_to_a_tenth(deal: Deal) -> None:
    share = worth.break_even_share(deal)
    left, forgone = deal.price - deal.cost, max(0, deal.full - deal.cost)
    if share is None:
        assert left < 0
        return
    assert left - Fraction(share, 1000) * forgone >= 0
    assert share == 1000 or left - Fraction(share + 1, 1000) * forgone < 0


@given(deals())
def test_counts_are_the_smallest_that_do(deal: Deal) -> None:
    count, back = worth.break_even_count(deal), worth.visits_back(deal)
    if count is not None:
        assert worth.sold_result(deal, count) >= 0
        assert count == 0 or worth.sold_result(deal, count - 1) < 0
    if back:
        each = deal.full - deal.cost
        assert worth.margin(deal) + back * each >= 0 > worth.margin(deal) + (back - 1) * each


@given(deals())
def test_a_deal_under_cost_loses_even_when_all_is_sold(deal: Deal) -> None:
    limit = worth.most(deal)
    sold = 10**15 if limit is None else limit
    assert worth.is_under_cost(deal) == (worth.margin(deal) < 0 or worth.sold_result(deal, sold) < 0)


def test_there_are_no_fractions_in_the_arithmetic() -> None:
    tree = ast.parse(Path(worth.__file__).read_text())
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Div), "/ makes a float"
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Name) and node.id in ("float", "round", "Decimal"))
    numbers = {"price": 1330, "full": 2000, "cost": 999, "regulars": 33, "total_cap": 7, "fixed": 5}
    deal = Deal(**numbers)
    found = [worth.break_even_price(deal), worth.gain(deal, 7), worth.regulars_cost(deal, 7)]
    assert all(type(one) is int for one in found)
