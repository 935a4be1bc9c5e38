"""Rows of a file as lines of a menu, or as what is wrong with each of them."""

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from o2o.kernel.money import AmountRefused, parse_money
from o2o.menu_lines.cells import FORMULA, Odd, Row, excerpt, is_blank, oddity, text_of, unguarded
from o2o.menu_lines.columns import Columns, header, plain
from o2o.menu_lines.faults import Fault, refuse
from o2o.menu_lines.lines import LONGEST, MOST_LINES, Line, key, tidy

RANGE = re.compile(r"\s*\D{0,3}\d[\d.,]*\D{0,3}\s*[-~–—～〜－至到]\s*\D{0,3}\d[\d.,]*\D{0,3}\s*")
PARTED = re.compile(r"[|｜]")
# Guests read these as "ask for the price".
ASKED = ("ask", "ask for the price", "on request", "market price", "时价", "面议", "询价", "议价")


class Brought(NamedTuple):
    """A line that can be taken, with the number of its row."""

    row: int
    line: Line


class Weighed(NamedTuple):
    """A file's good lines, what is wrong with the other rows, and the columns that nobody reads."""

    lines: list[Brought]
    faults: list[Fault]
    unused: list[str]


class Unfit(ValueError):
    """A cell or a typed line cannot be taken; the code says why, `found` what is odd in the line."""

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.found = found


def weigh(rows: Sequence[Row], currency: str) -> Weighed:
    """Tell a table's good rows from the others; each row below the header is in exactly one of both lists.

    Raises BadInput when there is no header, nothing below it, or too much.
    """
    start, columns = header(rows)
    names = [plain(cell) for cell in rows[start].cells]
    body = rows[start + 1 :]
    if not body:
        raise refuse("no_rows")
    if len(body) > MOST_LINES:
        raise refuse("too_many_rows")
    lines: list[Brought] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str, str], Brought] = {}
    for row in body:
        found: list[Fault] = []
        line = None if _is_broken(row, columns, names, found) else _line(row, columns, currency, found)
        first = seen.get(key(line)) if line and not found else None
        if line and first:
            code = "twice" if first.line.price == line.price else "other_price"
            found.append(
                Fault(row.number, columns.called[columns.at["name"]], code, line.name[:40], first.row)
            )
        if line and not found:
            lines.append(Brought(row.number, line))
            seen[key(line)] = lines[-1]
        faults += found
    return Weighed(lines, faults, columns.unused)


def _is_broken(row: Row, columns: Columns, names: Sequence[str], found: list[Fault]) -> bool:
    """Note what is wrong with a row as a whole."""
    code = row.fault
    if not code and [plain(cell) for cell in row.cells[: columns.width]] == list(names[: columns.width]):
        code = "header_again"
    if not code and any(not is_blank(cell) for cell in row.cells[columns.width :]):
        code = "too_many"
    if not code and not row.is_padded and len(row.cells) < columns.width:
        code = "too_few"
    if code:
        found.append(Fault(row.number, "", code, excerpt(row.cells[0]) if row.cells else ""))
    return bool(code)


def _line(row: Row, columns: Columns, currency: str, found: list[Fault]) -> Line | None:
    """Read a row's cells; None after noting what is wrong with some."""
    texts: dict[str, str] = {}
    price: int | None = None
    before = len(found)
    for field, place in columns.at.items():
        cell = row.cells[place] if place < len(row.cells) else None
        try:
            if field == "price":
                price = _price(cell, currency)
            elif field == "section" and columns.are_tags:
                texts |= _tags(cell, has_note="note" in columns.at)
            else:
                texts[field] = _text(cell, field)
        except Unfit as unfit:
            found.append(Fault(row.number, columns.called[place], unfit.code, excerpt(cell)))
    if len(found) > before:
        return None
    return Line(**{"section": "", **texts}, price=price)


def _text(cell: Any, field: str, *, most: int | None = None) -> str:
    if isinstance(cell, Odd) and cell.kind == "merged":
        # One heading merged beside its dishes is how people write sections; a name stands for one dish.
        if field == "name":
            raise Unfit("merged")
        cell = cell.value if field == "section" else None
    if code := oddity(cell):
        raise Unfit(code)
    text = "" if is_blank(cell) else tidy(text_of(cell))
    if text[:1] in tuple(FORMULA):
        raise Unfit("formula")
    text = unguarded(text)
    if field == "name" and not text:
        raise Unfit("no_name")
    if len(text) > (most or LONGEST[field]):
        raise Unfit(f"{field}_long")
    return text


def _tags(cell: Any, *, has_note: bool) -> dict[str, str]:
    """Take the first of several tags as the section, the others as the note where there is no other."""
    first, *others = [
        part for part in map(tidy, PARTED.split(_text(cell, "section", most=1000))) if part
    ] or [""]
    if len(first) > LONGEST["section"]:
        raise Unfit("section_long")
    note = ""
    for part in others:
        longer = f"{note} · {part}" if note else part
        note = longer if len(longer) <= LONGEST["note"] else note
    return {"section": first} if has_note else {"section": first, "note": note}


def _price(cell: Any, currency: str) -> int | None:
    """Read a price in minor units, None for one to be asked for; Unfit says why not."""
    if isinstance(cell, Odd) and cell.kind == "merged":
        raise Unfit("merged")
    if code := oddity(cell):
        raise Unfit(code)
    if isinstance(cell, float) and not math.isfinite(cell):
        raise Unfit("not_a_number")
    text = tidy(text_of(cell))
    if text.casefold() in ASKED:
        return None
    if text[:1] in tuple(FORMULA):
        raise Unfit("formula")
    if RANGE.fullmatch(text):
        raise Unfit("range")
    try:
        return parse_money(text, currency)
    except AmountRefused as refusal:
        raise Unfit("no_price" if refusal.reason == "empty" else refusal.reason) from refusal
