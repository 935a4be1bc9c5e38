"""Suggestions for a beginning, and what a slip was meant as."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.places import categories
from o2o.shops.models import Shop
from o2o.suggestions import meaning, statements
from o2o.vocabulary.queries import INITIALS, SOUND, Word, kinds_of, plain, squash

MOST = 8
MOST_KINDS = 3
LONGEST_QUERY = 60  # characters of a search that is guessed at
WEIGHT = {"name": 0, "brand": 1, "dish": 1, "word": 2}
KEPT = 400  # phrases that are weighed


class Suggestion(NamedTuple):
    """One line: its sort (kind, name, brand, dish, word), text, in how many shops, and the only one's id and category.

    `key` is the key of a category or group, or of the only shop's category.
    """

    sort: str
    text: str
    shops: int = 0
    shop_id: int | None = None
    key: str = ""


def meant(session: Session, query: str, *, country: str = "", most: int = 4) -> list[str]:
    """Give texts that a search which finds nothing may have meant, the nearest first."""
    return meaning.guesses(session, query, kinds_of(country), most) if len(query) <= LONGEST_QUERY else []


def suggest(
    session: Session, query: str, *, country: str = "", locale: str = "en", most: int = MOST
) -> list[Suggestion]:
    """Suggest kinds, shops and dishes that begin so, as written, by sound or by initials."""
    typed = squash(query)
    if not typed or len(query) > LONGEST_QUERY:
        return []
    ways = [typed]
    if typed.isascii() and len(typed) > 1:
        ways += [SOUND + plain(typed), INITIALS + typed]
    found = _kinds(session, ways, country, locale)
    found += _phrases(session, ways, most - len(found), {squash(one.text) for one in found})
    return found[:most]


def _kinds(session: Session, ways: Sequence[str], country: str, locale: str) -> list[Suggestion]:
    """Suggest categories and groups by their names; a synonym names its only category."""
    kinds = kinds_of(country)
    ranked: dict[str, tuple[tuple[int, bool, int], Word]] = {}
    for way, key in enumerate(ways):
        for whole, word, start in kinds.beginning(key):
            rank = (way, not word.is_name, len(whole))
            if word.key and start == 0 and (word.key not in ranked or rank < ranked[word.key][0]):
                ranked[word.key] = rank, word
    words = [word for _rank, word in sorted(ranked.values())]
    there = statements.there(session, {key for word in words for key in word.keys})
    groups = {group.key: group.name(locale) for group in categories.groups()}
    return [
        Suggestion("kind", groups.get(word.key) or categories.category(word.key).name(locale), key=word.key)
        for word in words
        if there & set(word.keys)
    ][:MOST_KINDS]


def _phrases(session: Session, ways: Sequence[str], most: int, known: set[str]) -> list[Suggestion]:
    starts: dict[int, tuple[int, int]] = {}
    for row in statements.rows_beginning(session, ways):
        rank = (row.start > 0, row.way)
        starts[row.phrase_id] = min(starts.get(row.phrase_id, rank), rank)
    nearest = sorted(starts, key=lambda number: starts[number])[:KEPT]
    if not nearest:
        return []
    uses: dict[int, list[Any]] = {}
    for row in session.execute(statements.USES, {"ids": nearest}):
        uses.setdefault(row[0], []).append(row)
    ranked = []
    for number, rows in uses.items():
        _id, kind, count, shop_id = min(rows, key=lambda row: (WEIGHT[row[1]], -row[2]))
        ranked.append((starts[number], WEIGHT[kind] == 2, -count, number, kind, shop_id))
    chosen = sorted(ranked)[: most * 3]
    texts = dict(session.execute(statements.TEXTS, {"ids": [row[3] for row in chosen]}).all())  # type: ignore[arg-type]
    found: dict[str, Suggestion] = {}
    for _rank, _word, count, number, kind, shop_id in chosen:
        text = texts.get(number, "")
        key = squash(text)
        if text and key not in known and key not in found and len(found) < most:
            is_one = kind == "name" and count == -1
            found[key] = Suggestion(kind, text, -count, shop_id if is_one else None)
    return _with_categories(session, list(found.values()))


def _with_categories(session: Session, found: Sequence[Suggestion]) -> list[Suggestion]:
    ids = [one.shop_id for one in found if one.shop_id]
    if not ids:
        return list(found)
    known = dict(session.execute(select(Shop.id, Shop.category).where(Shop.id.in_(ids))).all())  # type: ignore[arg-type]
    return [one._replace(key=known.get(one.shop_id, "")) if one.shop_id else one for one in found]
