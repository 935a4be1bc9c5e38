"""Account numbers: every single wrong digit is found, whatever a keyboard puts between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.kernel.errors import RuleBroken
from o2o.payouts import numbers

CARD = "6222021234567890128"
IBAN = "DE89370400440532013000"
GOOD = [
    ("card", "4111111111111111", "4111111111111111"),
    ("account", "１１００ 1018-3000 5300 0123", "1100101830005300" + "0123"),
    ("account", "12345678", "12345678"),
    ("card", "6222 0212 3456 7890 128", CARD),
    ("card", "６２２２-0212-3456-7890-128", CARD),
    ("iban", "de89 3704 0044 0532 0130 00", IBAN),
    ("iban", "GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"),
    ("wallet", " 13800138000 ", "13800138000"),
    ("wallet", "lin.xiaoman@example.cn", "lin.xiaoman@example.cn"),
]
BAD = [
    ("card", ""),
    ("account", ""),
    ("account", "1234567"),
    ("account", "1" * 33),
    ("account", "6222x02123456789"),
    ("card", "4111111111111112"),
    ("card", "41111111111"),
    ("card", "4" * 20),
    ("card", "4111x11111111111"),
    ("iban", "DE88370400440532013000"),
    ("iban", "8937040044053201300012"),
    ("iban", "DE89"),
    ("wallet", "12345"),
    ("wallet", "with space inside"),
    ("wallet", "w" * 65),
    ("wallet", "微信号码好长好长"),
]


@pytest.mark.parametrize(("kind", "typed", "bare"), GOOD, ids=[typed for _, typed, _ in GOOD])
def test_good_numbers(kind: str, typed: str, bare: str) -> None:
    assert numbers.read(kind, typed) == bare


@pytest.mark.parametrize(("kind", "typed"), BAD, ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(BAD)])
def test_bad_numbers_name_their_field(kind: str, typed: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        numbers.read(kind, typed)
    assert (refusal.value.status, refusal.value.params["field"]) == (422, "number")


@given(place=st.integers(0, len(CARD) - 1), digit=st.integers(0, 9))
def test_luhn_finds_every_wrong_digit(place: int, digit: int) -> None:
    typed = CARD[:place] + str(digit) + CARD[place + 1 :]
    assert numbers.luhn(typed) == (typed == CARD)


@given(place=st.integers(4, len(IBAN) - 1), digit=st.integers(0, 9))
def test_mod97_finds_every_wrong_digit(place: int, digit: int) -> None:
    typed = IBAN[:place] + str(digit) + IBAN[place + 1 :]
    assert numbers.mod97(typed) == (typed == IBAN)


def test_only_the_end_is_shown() -> None:
    assert numbers.tail(CARD) == CARD[-4:]
