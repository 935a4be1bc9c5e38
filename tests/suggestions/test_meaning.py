"""What is typed finds what was meant: by sound, by initials, with one slip; what is like nothing finds nothing."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2o.discovery.filters import Filters
from o2o.discovery.otherwise import read_again
from o2o.discovery.queries import Near, count, search
from o2o.kernel import clock
from o2o.shops.models import Shop
from o2o.suggestions import queries, slips
from o2o.vocabulary.queries import pieces_of, squash
from tests.factories import LAT, LNG
from tests.suggestions.town import FOUND, MEANT, NOTHING, build

AT = Near(LAT, LNG)


def names(session: Session, filters: Filters) -> set[str]:
    now = clock.now()
    rows = search(session, filters, at=AT, now=now).rows
    assert len(rows) == count(session, filters, at=AT, now=now).total
    return {session.get_one(Shop, row.id).name for row in rows}


def test_sounds_and_initials_find_shops_directly(session: Session) -> None:
    build(session)
    wrong = {}
    for typed, wanted in FOUND:
        filters = Filters(q=typed)
        found = names(session, filters) or names(session, filters._replace(loose=True))
        if found != wanted:
            wrong[typed] = found
    assert wrong == {}


def test_a_slip_is_understood(session: Session) -> None:
    build(session)
    wrong = {}
    for typed, meant in MEANT:
        found = names(session, Filters(q=typed)) or names(session, Filters(q=typed, loose=True))
        guesses = queries.meant(session, typed, country="CN")
        if found or guesses[:1] != [meant]:
            wrong[typed] = (found, guesses)
    assert wrong == {}


def test_what_is_guessed_finds_something(session: Session) -> None:
    build(session)
    for typed, _meant in MEANT:
        for text in queries.meant(session, typed, country="CN"):
            assert names(session, Filters(q=text)), (typed, text)


def test_what_is_like_nothing_finds_nothing(session: Session) -> None:
    build(session)
    wrong = {}
    for typed in NOTHING:
        found = names(session, Filters(q=typed)) or names(session, Filters(q=typed, loose=True))
        guesses = queries.meant(session, typed, country="CN")
        if found or guesses:
            wrong[typed] = (found, guesses)
    assert wrong == {}


def test_words_that_filters_hide_stay_as_they_are(app: object, session: Session) -> None:
    build(session)
    at, now = AT, clock.now()
    for filters in (Filters(q="海底捞", offer=True), Filters(q="肉莫", exact=True), Filters(q="牛肉")):
        assert read_again(session, filters, at=at, now=now) == (filters, "")
    filters, said = read_again(session, Filters(q="rjm", offer=True), at=at, now=now)
    assert filters.loose
    assert said == ""


@given(st.text(max_size=70))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_anything_may_be_typed(session: Session, typed: str) -> None:
    assert len(queries.meant(session, typed, country="FI")) <= 4
    assert len(queries.suggest(session, typed)) <= queries.MOST
    names(session, Filters(q=typed, loose=True))


@given(st.text(alphabet="abcdxyz", min_size=1, max_size=24))
def test_neighbours_are_bounded_and_one_slip_away(word: str) -> None:
    near = slips.of_word(word)
    assert len(near) <= 54 * len(word) + 26
    assert word not in near
    assert all(abs(len(other) - len(word)) <= 1 for other in near)


@given(st.lists(st.sampled_from(["rou", "jia", "mo", "xian"]), min_size=2, max_size=slips.MOST_SYLLABLES))
def test_neighbours_of_syllables_are_bounded(sounds: list[str]) -> None:
    whole, begun = slips.of_syllables(sounds)
    assert len(whole) <= 2 * len(slips.ENUMERATED) + 2 * len(sounds)
    assert len(begun) <= len(sounds)


@given(st.text(max_size=60))
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(piece.text for piece in pieces_of(text)) == squash(text)
