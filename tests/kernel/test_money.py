"""Money: shown without needless decimals, read forgivingly but never guessed, shared to the last fen."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.kernel.money import (
    GREATEST,
    AmountRefused,
    format_money,
    largest_remainder,
    minor_digits,
    parse_money,
    plain_money,
)

amounts = st.integers(0, GREATEST)
currencies = st.sampled_from(["CNY", "EUR", "USD", "JPY", "KWD", "HKD", "SEK"])
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "shown"),
    [
        (1200, "CNY", "zh_Hans", "¥12"),
        (1250, "CNY", "zh_Hans", "¥12.50"),
        (1200, "CNY", "en", "¥12"),
        (1250, "CNY", "en", "¥12.50"),
        (1250, "CNY", "zh-Hans", "¥12.50"),
        (0, "CNY", "en", "¥0"),
        (1, "CNY", "en", "¥0.01"),
        (10, "CNY", "en", "¥0.10"),
        (123456789, "CNY", "en", "¥1,234,567.89"),
        (-1250, "CNY", "en", "-¥12.50"),
        (-1200, "CNY", "zh_Hans", "-¥12"),
        (1200, "EUR", "en", "€12"),
        (1250, "EUR", "zh_Hans", "€12.50"),
        (1250, "EUR", "fi", "12,50\u00a0€"),
        (1200, "JPY", "en", "JP¥1,200"),
        (1200, "JPY", "ja", "￥1,200"),
        (12500, "KWD", "en", "KWD12.500"),
        (12000, "KWD", "en", "KWD12"),
    ],
)
def test_amounts_as_people_read_them(minor, currency, locale, shown):
    assert format_money(minor, currency, locale).replace("\u00a0", " ") == shown.replace("\u00a0", " ")


@given(amounts, currencies, st.sampled_from(["zh_Hans", "en"]))
def test_what_is_shown_can_be_typed(minor, currency, locale):
    assert parse_money(format_money(minor, currency, locale), currency) == minor
    assert parse_money(plain_money(minor, currency), currency) == minor


@given(amounts, currencies)
def test_whole_amounts_show_no_decimals_and_others_show_all(minor, currency):
    digits = minor_digits(currency)
    _, point, part = format_money(minor, currency, "en").partition(".")
    if minor % 10**digits:
        assert len(part) == digits
    else:
        assert point == ""


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "CNY", "12.50"),
        (1200, "CNY", "12.00"),
        (5, "EUR", "0.05"),
        (12, "JPY", "12"),
        (-5, "CNY", "-0.05"),
    ],
)
def test_amounts_for_machines(minor, currency, text):
    assert plain_money(minor, currency) == text


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("12.50", 1250),
        ("0", 0),
        ("0.01", 1),
        ("  12 ", 1200),
        ("¥12.50", 1250),
        ("￥12.50", 1250),
        ("¥ 12.50", 1250),
        ("CN¥12", 1200),
        ("12元", 1200),
        ("12 块", 1200),
        ("cny 12", 1200),
        ("12 RMB", 1200),
        ("１２", 1200),
        ("１２．５０", 1250),
        ("￥１２。５元", 1250),
        ("1,250", 125000),
        ("１，２５０．５", 125050),
        ("1,234,567.89", 123456789),
        ("007", 700),
        ("21474836.47", GREATEST),
    ],
)
def test_amounts_as_people_type_them(typed, minor):
    assert parse_money(typed, "CNY") == minor


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" \u3000\t", "empty"),
        ("¥", "not_a_number"),
        ("-", "not_a_number"),
        ("abc", "not_a_number"),
        ("NaN", "not_a_number"),
        ("inf", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("1e5", "not_a_number"),
        ("1E5", "not_a_number"),
        ("0x10", "not_a_number"),
        ("1_000", "not_a_number"),
        ("1 000", "not_a_number"),
        ("+12", "not_a_number"),
        ("--12", "not_a_number"),
        ("12.", "not_a_number"),
        (".5", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("12,50", "not_a_number"),
        ("1,2345", "not_a_number"),
        ("12345,678", "not_a_number"),
        (",123", "not_a_number"),
        ("12%", "not_a_number"),
        ("$12", "not_a_number"),
        ("€12", "not_a_number"),
        ("1²", "not_a_number"),
        ("①", "not_a_number"),
        ("½", "not_a_number"),
        ("\u0661\u0662", "not_a_number"),
        ("十二", "not_a_number"),
        ("12\0", "not_a_number"),
        ("1\n2", "not_a_number"),
        ("x" * 41, "not_a_number"),
        ("-12", "negative"),
        ("\u221212", "negative"),
        ("－１２", "negative"),
        ("-¥12.50", "negative"),
        ("¥-12.50", "negative"),
        ("-0", "negative"),
        ("12.505", "too_precise"),
        ("12.500", "too_precise"),
        ("21474836.48", "too_large"),
        ("9" * 40, "too_large"),
        ("9" * 5000, "too_large"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(typed, reason):
    with pytest.raises(AmountRefused) as refused:
        parse_money(typed, "CNY")
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [("€12.50", "EUR", 1250), ("12.5 eur", "EUR", 1250), ("￥1200", "JPY", 1200), ("1,200円", "JPY", 1200)],
)
def test_each_currency_has_its_marks_and_digits(typed, currency, minor):
    assert parse_money(typed, currency) == minor


def test_a_currency_without_minor_units_takes_no_decimals():
    with pytest.raises(AmountRefused, match="too_precise"):
        parse_money("12.5", "JPY")


@given(st.text(max_size=50), currencies)
def test_any_text_is_an_amount_or_refused(text, currency):
    try:
        minor = parse_money(text, currency)
    except AmountRefused:
        return
    assert 0 <= minor <= GREATEST


@pytest.mark.parametrize("currency", ["", "ABC", "cny", "¥"])
def test_an_unknown_currency_is_refused(currency):
    with pytest.raises(ValueError, match="unknown currency"):
        parse_money("12", currency)
    with pytest.raises(ValueError, match="unknown currency"):
        format_money(12, currency, "en")


@given(st.integers(-(10**12), 10**12), weights)
def test_shares_sum_exactly_and_stay_within_one_of_the_quota(total, weights):
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
        if weight == 0:
            assert part == 0


@given(st.integers(0, 10**9), weights)
def test_a_greater_weight_never_gets_less(total, weights):
    parts = largest_remainder(total, weights)
    order = sorted(zip(weights, parts, strict=True))
    for (light, less), (heavy, more) in pairwise(order):
        if light < heavy:
            assert less <= more


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [1, 1], [1, 0]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (1250, [3, 2], [750, 500]),
        (10, [0, 1, 0], [0, 10, 0]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        # Quotas 1.5, 1.4 and 2.1: the one that is left goes to the greatest fraction.
        (5, [15, 14, 21], [2, 1, 2]),
    ],
)
def test_shares_known_by_hand(total, weights, parts):
    assert largest_remainder(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(1, []), (1, [0, 0]), (-1, [0]), (5, [2, -1])])
def test_what_cannot_be_shared_is_refused(total, weights):
    with pytest.raises(ValueError, match="weight"):
        largest_remainder(total, weights)
