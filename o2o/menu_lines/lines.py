"""A line of a menu as a plain value, wherever it comes from; how two are the same, and what comparing menus finds."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# A menu beyond this is a catalogue: nobody reads it on a phone.
MOST_LINES = 4000
LONGEST = {"section": 80, "name": 120, "name_en": 160, "unit": 20, "note": 300}
SPACE = re.compile(r"\s+")
# Which parts of its key a line is known again by, one after the other; the last two only if it names no unit.
KNOWN_BY = ((slice(3), False), (slice(1, 3), False), (slice(2), True), (slice(1, 2), True))


class Line(NamedTuple):
    """What a menu says of one thing; `price` in minor units, None where guests ask for it."""

    section: str
    name: str
    name_en: str = ""
    price: int | None = None
    unit: str = ""
    note: str = ""


class Kept(NamedTuple):
    """A line with the key of its row; None where it has no row yet."""

    id: int | None
    line: Line


class Outcome(NamedTuple):
    """A menu after a change, in order, and what of it is new, other than before, gone, or as it was."""

    kept: list[Kept]
    added: list[Line]
    changed: list[tuple[Line, Line]]
    removed: list[Line]
    same: int


def tidy(text: str | None) -> str:
    """Put a text on one line, with single spaces."""
    return SPACE.sub(" ", text or "").strip()


def key(line: Line) -> tuple[str, str, str]:
    """Name what may stand on a menu once: a thing in its section, by its unit; upper and lower case are one."""
    return line.section.casefold(), line.name.casefold(), line.unit.casefold()


def gather(kept: Iterable[Kept]) -> list[Kept]:
    """Bring the lines of each section together, sections in the order in which they first appear."""
    sections: dict[str, list[Kept]] = {}
    for one in kept:
        sections.setdefault(one.line.section, []).append(one)
    return [one for lines in sections.values() for one in lines]


def outcome(current: Sequence[Kept], brought: Sequence[Line], mode: str) -> Outcome:
    """Say what a menu becomes when these lines come: mode "replace" is these alone, "add" keeps the others.

    A line is known again by section, name and unit, else by as much of it as only one has. Adding leaves what the new
    line does not say (its section, English name, unit, note) as it was.
    """
    known = _matches([one.line for one in current], brought)
    if mode == "add":
        known = _without_twins(known, [one.line for one in current], brought)
    fresh: list[Kept] = []
    for line, place in zip(brought, known, strict=True):
        old = None if place is None else current[place]
        if old is None:
            fresh.append(Kept(None, line))
        else:
            fresh.append(Kept(old.id, _filled(line, old.line) if mode == "add" else line))
    by_place = {place: one for place, one in zip(known, fresh, strict=True) if place is not None}
    if mode == "add":
        after = [by_place.get(place, one) for place, one in enumerate(current)]
        after += [one for one, place in zip(fresh, known, strict=True) if place is None]
        removed = []
    else:
        after = fresh
        removed = [one.line for place, one in enumerate(current) if place not in by_place]
    pairs = [(current[place].line, one.line) for place, one in by_place.items()]
    changed = [(old, new) for old, new in pairs if old != new]
    added = [line for line, place in zip(brought, known, strict=True) if place is None]
    same = len(after) - len(added) - len(changed)
    return Outcome(gather(after), added, changed, removed, same)


def _matches(current: Sequence[Line], brought: Sequence[Line]) -> list[int | None]:
    found: list[int | None] = [None] * len(brought)
    for parts, needs_no_unit in KNOWN_BY:
        taken = set(found)
        here = _alone(current, parts, [place for place in range(len(current)) if place not in taken])
        there = _alone(brought, parts, [place for place, match in enumerate(found) if match is None])
        for name, place in there.items():
            if not (needs_no_unit and brought[place].unit):
                found[place] = here.get(name)
    return found


def _alone(lines: Sequence[Line], parts: slice, places: Iterable[int]) -> dict[tuple[str, ...], int]:
    """Index lines by a part of their keys, without those that share it."""
    found: dict[tuple[str, ...], list[int]] = {}
    for place in places:
        whole: tuple[str, ...] = key(lines[place])
        found.setdefault(whole[parts], []).append(place)
    return {name: where[0] for name, where in found.items() if len(where) == 1}


def _without_twins(
    known: Sequence[int | None], current: Sequence[Line], brought: Sequence[Line]
) -> list[int | None]:
    """Let go of a match whose line, filled up with the old one, would be the twin of a third."""
    names = {key(line) for line in (*current, *brought)}
    found: list[int | None] = []
    for line, place in zip(brought, known, strict=True):
        name = key(line) if place is None else key(_filled(line, current[place]))
        own = {key(line)} if place is None else {key(line), key(current[place])}
        found.append(None if name in names and name not in own else place)
    return found


def _filled(line: Line, old: Line) -> Line:
    return line._replace(
        section=line.section or old.section,
        name_en=line.name_en or old.name_en,
        unit=line.unit or old.unit,
        note=line.note or old.note,
    )
