"""Show, read and share money; amounts are whole minor units (fen, cents) everywhere else."""

import copy
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from babel import Locale
from babel.numbers import NumberPattern, get_currency_precision, get_currency_symbol, is_currency

# The value field of a pass token has 32 bits, and a database's plain integer is signed.
GREATEST: Final = 2**31 - 1

Reason = Literal["empty", "not_a_number", "negative", "too_precise", "too_large"]

_TYPED_LIMIT: Final = 40
# Thousands may be set apart, but only where each group has three digits: "1,50" could mean two amounts.
_AMOUNT: Final = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?")
# Full-width forms and the ideographic full stop, which Chinese keyboards write for digits and the point.
# Not NFKC: it would read the small 2 of "1²" as an amount of 12.
_PLAIN: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x3002: ".",
    0xFF61: ".",
    0xFFE5: "\u00a5",
    0x2212: "-",
}
_ALSO_WRITTEN: Final = {"CNY": ("元", "块", "RMB"), "JPY": ("円",)}


class AmountRefused(ValueError):
    """Say why a typed amount was not taken; `reason` is for the form to word."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@lru_cache(maxsize=4096)
def format_money(minor: int, currency: str, locale: str) -> str:
    """Return an amount as people of `locale` write it, without decimals when it is whole: ¥12, ¥12.50.

    `minor` is in minor units of the ISO 4217 `currency`; its digits and the pattern come from CLDR.
    Raises ValueError for an unknown currency or locale.
    """
    digits = minor_digits(currency)
    spoken = _locale(locale)
    pattern = _pattern(spoken, 0 if minor % 10**digits == 0 else digits)
    text: str = pattern.apply(Decimal(minor).scaleb(-digits), spoken, currency_digits=False)
    return text.replace("¤", _symbol(currency, spoken))


def plain_money(minor: int, currency: str) -> str:
    """Return an amount for machines and form fields: all decimals, a point, no symbol ("12.50")."""
    digits = minor_digits(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


def parse_money(text: str, currency: str) -> int:
    """Return the minor units of an amount that a person typed: "12", "12.5", "¥1,250.00", "１２。５元".

    Raises AmountRefused (a ValueError) with its reason, and ValueError for an unknown currency.
    """
    digits = minor_digits(currency)
    if len(text) > _TYPED_LIMIT:
        raise AmountRefused("too_large" if text.strip().isdecimal() else "not_a_number")
    bare = _without_marks(text.translate(_PLAIN).strip(), currency)
    if not bare:
        raise AmountRefused("not_a_number" if text.strip() else "empty")
    found = _AMOUNT.fullmatch(bare.removeprefix("-"))
    if found is None:
        raise AmountRefused("not_a_number")
    if bare.startswith("-"):
        raise AmountRefused("negative")
    part = found["part"] or ""
    if len(part) > digits:
        raise AmountRefused("too_precise")
    minor = int(found["whole"].replace(",", "") + part.ljust(digits, "0"))
    if minor > GREATEST:
        raise AmountRefused("too_large")
    return minor


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` in proportion to whole `weights` so that the parts sum to it exactly.

    Method of the largest remainder (Hamilton): every part gets the floor of its quota, and what is left goes
    one by one to the greatest fractions; of equal fractions the earlier part comes first, so the same input
    always gives the same parts. A negative total is shared like its opposite.
    Raises ValueError for a negative weight, or when there is something to share and no weight to carry it.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is negative")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("no weight to share by")
        return [0] * len(weights)
    quotas = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [floor for floor, _ in quotas]
    left = abs(total) - sum(parts)
    by_fraction = sorted(range(len(quotas)), key=lambda place: (-quotas[place][1], place))
    for place in by_fraction[:left]:
        parts[place] += 1
    return parts if total >= 0 else [-part for part in parts]


def minor_digits(currency: str) -> int:
    """Return how many decimals a currency has by CLDR (CNY 2, JPY 0). ValueError if it is unknown."""
    if not is_currency(currency):
        raise ValueError(f"unknown currency: {currency!r}")
    return get_currency_precision(currency)


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    return Locale.parse(name.replace("-", "_"))


@lru_cache(maxsize=256)
def _pattern(locale: Locale, digits: int) -> NumberPattern:
    pattern: NumberPattern = copy.copy(locale.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return pattern


@lru_cache(maxsize=256)
def _symbol(currency: str, locale: Locale) -> str:
    """Return the symbol; outside Japan a bare ¥ is the yuan in every language: a price looks one way."""
    symbol = get_currency_symbol(currency, locale)
    if locale.language == "ja":
        return symbol
    if currency == "CNY":
        return "¥"
    return "JP¥" if currency == "JPY" else symbol


@lru_cache(maxsize=64)
def _marks(currency: str) -> tuple[str, ...]:
    """Return what may stand before or after an amount, longest first, lower case."""
    marks = {currency, *_ALSO_WRITTEN.get(currency, ())}
    for name in ("en", "zh_Hans", "ja"):
        locale = _locale(name)
        marks |= {get_currency_symbol(currency, locale), _symbol(currency, locale)}
    plain = {mark.translate(_PLAIN).lower() for mark in marks}
    if currency == "JPY":
        plain.add("¥")
    return tuple(sorted(plain, key=lambda mark: (-len(mark), mark)))


def _without_marks(text: str, currency: str) -> str:
    bare = text.lower()
    for mark in _marks(currency):
        if bare.startswith(mark):
            bare = bare.removeprefix(mark).lstrip()
            break
        if bare.startswith(f"-{mark}"):
            bare = "-" + bare.removeprefix(f"-{mark}").lstrip()
            break
    for mark in _marks(currency):
        if bare.endswith(mark):
            return bare.removesuffix(mark).rstrip()
    return bare
