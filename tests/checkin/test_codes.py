"""What a poster carries, and what a camera or a keyboard may give for it."""

from datetime import UTC, datetime, timedelta

import pytest

from o2o.checkin import codes

NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_a_code_is_random_and_survives_being_read_aloud() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200
    assert len(codes.ALPHABET) ** codes.LENGTH >= 2**64
    for code in made:
        assert codes.normal(f"  {codes.grouped(code).upper().replace('0', 'o').replace('1', 'I')} ") == code


@pytest.mark.parametrize(
    "text", ["", "abc", "7" * 12, "7" * 14, "u" * 13, "中" * 13, "7" * 12 + "é", "7" * 99]
)
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    assert codes.normal(text) is None


CODE = "7k2mq8x40w3vz"


@pytest.mark.parametrize(
    "text", [f"https://town.example/c/{CODE}", CODE, CODE.upper(), "7K2M-Q8X4-0W3VZ", f" {CODE}\n"]
)
def test_codes_of_this_town_are_read(text: str) -> None:
    assert codes.scanned(text, "https://town.example") == CODE


@pytest.mark.parametrize(
    "text",
    [
        f"https://evil.example/c/{CODE}",
        f"http://town.example/c/{CODE}",
        f"https://town.example:444/c/{CODE}",
        f"https://town.example@evil.example/c/{CODE}",
        f"https://user@town.example/c/{CODE}",
        f"https://town.example.evil.example/c/{CODE}",
        f"https://tоwn.example/c/{CODE}",  # a Cyrillic o
        f"https://town．example/c/{CODE}",  # a full-width dot
        f"https:\\\\town.example\\c\\{CODE}",
        f"//town.example/c/{CODE}",
        f"javascript:location='/c/{CODE}'",
        f"data:text/html,{CODE}",
        f"https://town.example/c/{CODE}?next=https://evil.example",
        f"https://town.example/c/{CODE}#x",
        f"https://town.example/c/{CODE}/..",
        f"https://town.example/c/../c/{CODE}",
        f"https://town.example/C/{CODE}",
        f"https://town.example/c/{CODE.upper()}",
        "https://town.example/sign-out",
        "https://town.example/",
        "WIFI:T:WPA;S:guest;P:secret;;",
        "1" * 234,
    ],
)
def test_nothing_else_is(text: str) -> None:
    assert codes.scanned(text, "https://town.example") is None
