"""What a typed text asks of a shop, as SQL: by terms, by sound, by kind; the statement depends on its shape alone."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, select, union_all

from o2o.shops.models import Shop
from o2o.vocabulary.kinds import Kinds
from o2o.vocabulary.models import PhraseKey, PhraseUse, ShopTerm
from o2o.vocabulary.sounds import INITIALS, LONGEST, SOUND, is_pinyin, plain, squash
from o2o.vocabulary.terms import LAST, MOST_ASKED, Term, asked, runs_of

NOBODY = "-"  # a category that none has: fills up the places of a list of categories


class Part(NamedTuple):
    """One term: whether it is a prefix, and for how many categories there is room (none, or a power of two)."""

    is_prefix: bool
    kinds: int


class Group(NamedTuple):
    """Terms that must all be there; or instead of them one of so many sounds, or of so many categories."""

    parts: tuple[Part, ...]
    sounds: int
    kinds: int = 0


Shape = tuple[Group, ...]


def read(query: str, kinds: Kinds, *, loose: bool = False) -> tuple[Shape, dict[str, Any]]:
    """Split what somebody typed into the shape of its condition and the values for it.

    Letters that are whole pinyin (two syllables or more) are also looked up by sound; `loose` looks up whatever
    letters there are by sound and by initials.
    """
    shape: list[Group] = []
    values: dict[str, Any] = {}
    for i, (terms, sounds) in enumerate(_groups(query, loose)):
        parts = []
        for j, term in enumerate(terms):
            parts.append(Part(term.is_prefix, _fill(values, f"kind{i}_{j}_", kinds.with_term(term))))
            values[f"term{i}_{j}"] = term.text
            if term.is_prefix:
                values[f"last{i}_{j}"] = term.text + LAST
        heard: frozenset[str] = frozenset()
        for j, sound in enumerate(sounds):
            values[f"sound{i}_{j}"], values[f"sounds{i}_{j}"] = sound, sound + LAST
            heard |= kinds.sounding(sound) if sound[0] == SOUND else kinds.abbreviated(sound)
        shape.append(Group(tuple(parts), len(sounds), _fill(values, f"heard{i}_", heard)))
    return tuple(shape), values


def _fill(values: dict[str, Any], name: str, categories: Iterable[str]) -> int:
    """Put categories into the values, filled up to a power of two, so that there are few shapes; return how many."""
    keys = sorted(categories)
    room = 1 << (len(keys) - 1).bit_length() if keys else 0
    keys += [NOBODY] * (room - len(keys))
    values.update((f"{name}{k}", key) for k, key in enumerate(keys))
    return room


def _groups(query: str, loose: bool) -> Iterator[tuple[list[Term], list[str]]]:
    """Keep letters together that make one sound: rou jia mo; everything else must be there by itself."""
    known: dict[Term, None] = {}
    for words in _together(query, loose):
        terms = [term for word in words for term in asked(word) if term not in known]
        terms = list(dict.fromkeys(terms))[: MOST_ASKED - len(known)]
        known.update(dict.fromkeys(terms))
        typed = plain(squash("".join(words)))
        sounds = []
        if typed.isascii() and (loose or is_pinyin(typed)):
            sounds = [(SOUND + typed)[:LONGEST]]
            sounds += [(INITIALS + typed)[:LONGEST]] if loose and len(typed) > 1 else []
        if sounds and terms:
            yield terms, sounds
        else:
            yield from (([term], []) for term in terms)


def _together(query: str, loose: bool) -> Iterator[list[str]]:
    """Give runs one by one, but neighbours that are one sound in all together: syllables, or single letters."""
    waiting: list[str] = []
    for run in (*runs_of(query), ""):
        if run and run.isascii():
            waiting.append(run)
            continue
        is_spelt = loose and all(len(one) == 1 for one in waiting)
        if is_spelt or is_pinyin(plain(squash("".join(waiting)))):
            yield waiting
        else:
            yield from ([one] for one in waiting)
        waiting = []
        if run:
            yield [run]


def condition(shape: Shape) -> ColumnElement[bool]:
    """Ask for shops that have everything: index ranges only, one after the other."""
    return and_(*(Shop.id.in_(_sources(i, group)) for i, group in enumerate(shape)))


def _sources(i: int, group: Group) -> Any:
    if len(group.parts) == 1:
        sources = list(_of_part(i, 0, group.parts[0]))
    else:
        every = (_joined(list(_of_part(i, j, part))) for j, part in enumerate(group.parts))
        sources = [select(Shop.id).where(and_(*(Shop.id.in_(one) for one in every)))]
    for j in range(group.sounds):
        low: BindParameter[str] = bindparam(f"sound{i}_{j}")
        high: BindParameter[str] = bindparam(f"sounds{i}_{j}")
        use = select(PhraseUse.shop_id).join(PhraseKey, PhraseKey.phrase_id == PhraseUse.phrase_id)
        sources.append(use.where(PhraseKey.key >= low, PhraseKey.key < high))
    if group.kinds:
        sources.append(_of_kinds(f"heard{i}_", group.kinds))
    return _joined(sources)


def _of_part(i: int, j: int, part: Part) -> Iterator[Select[Any]]:
    term: BindParameter[str] = bindparam(f"term{i}_{j}")
    rows = select(ShopTerm.shop_id)
    if part.is_prefix:
        yield rows.where(ShopTerm.term >= term, ShopTerm.term < bindparam(f"last{i}_{j}"))
    else:
        yield rows.where(ShopTerm.term == term)
    if part.kinds:
        yield _of_kinds(f"kind{i}_{j}_", part.kinds)


def _of_kinds(name: str, room: int) -> Select[Any]:
    return select(Shop.id).where(Shop.category.in_([bindparam(f"{name}{k}") for k in range(room)]))


def _joined(sources: Sequence[Select[Any]]) -> Any:
    return sources[0] if len(sources) == 1 else union_all(*sources)
