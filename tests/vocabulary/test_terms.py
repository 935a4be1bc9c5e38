"""What people type finds what shops are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.vocabulary.terms import LONGEST, MOST_ASKED, MOST_TERMS, Term, asked, fold, terms_of


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("麦当劳", "麦"),
        ("麦当劳", "麦当"),
        ("麦当劳", "麦当劳"),
        ("雪侬舍咖啡", "咖啡"),
        ("McDonald's", "mcdonalds"),
        ("McDonald’s", "McDonald's"),
        ("Café Engel", "cafe"),
        ("Cafe Engel", "café"),
        ("Musiikkitalon kahvila", "KAHV"),
        ("Jäätelökioski", "jaatelo"),
        ("Bäckerei Müller", "muller"),
        ("Bäckerei Müller", "mueller"),
        ("Großer Laden", "grosser"),
        ("Smørrebrød", "smorrebrod"),
        ("7-Eleven", "7-eleven"),
        ("L'Osteria", "osteria"),
        ("ＫＦＣ肯德基", "kfc肯德"),
        ("ラーメン一番", "ラーメン"),
        ("24小时便利店", "24小时"),
    ],
)
def test_what_is_typed_finds_what_is_written(written: str, typed: str) -> None:
    terms = terms_of([written])
    pieces = asked(typed)
    assert pieces
    for piece in pieces:
        assert any(t.startswith(piece.text) if piece.is_prefix else t == piece.text for t in terms), piece


def test_neighbours_count_not_mere_characters() -> None:
    assert asked("当麦") == [Term("当麦", False)]
    assert "当麦" not in terms_of(["麦当劳"])


def test_a_half_word_in_the_middle_is_not_enough() -> None:
    assert not any(term.startswith("vila") for term in terms_of(["kahvila"]))


def test_nothing_to_look_for() -> None:
    assert asked("!!! … ()") == []
    assert asked("") == []


@given(st.lists(st.text(), max_size=5), st.text())
def test_any_text_gives_short_terms_and_few_pieces(texts: list[str], query: str) -> None:
    terms = terms_of(texts)
    assert len(terms) <= MOST_TERMS
    assert all(0 < len(term) <= LONGEST for term in terms)
    assert len(asked(query)) <= MOST_ASKED
    assert "\x00" not in "".join(terms)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(fold(fold(text)))


def test_a_long_menu_keeps_the_name() -> None:
    terms = terms_of(["小满咖啡", *(f"dish{number}" for number in range(1000))])
    assert {"小满", "咖啡"} <= terms
    assert len(terms) == MOST_TERMS
