"""Cells of a file as they were found, and the text that they hold."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from o2o.kernel.forms import BLANK, UNSEEN

LONGEST_CELL = 32_000
EXCERPT = 40
# What makes a spreadsheet program reckon instead of show; the full-width forms count in some of them.
STARTS = "=+-@＝＋－＠"
# A dash before a name is a habit of lists, and before a price a mistake of its own: the others are refused.
FORMULA = "=+@＝＋＠"
GARBLED = re.compile("[\ufffd\ud800-\udfff]")


class Odd(NamedTuple):
    """A cell that is no value: an error, or a part of a merged area, whose value is its first cell's."""

    kind: str
    value: Any


class Row(NamedTuple):
    """A row by its number in the file; `fault` says that it could not be read, `is_padded` that short is no fault."""

    number: int
    cells: list[Any]
    fault: str = ""
    is_padded: bool = True


def text_of(cell: Any) -> str:
    """Write a cell as the sheet shows it, without the noise of binary fractions."""
    if isinstance(cell, Odd):
        return text_of(cell.value)
    if isinstance(cell, float):
        short = f"{cell:.15g}"
        return f"{Decimal(short):f}" if "e" in short else short
    return "" if cell is None else str(cell)


def is_blank(cell: Any) -> bool:
    """Tell whether a cell holds nothing that anybody could see; the rest of a merged area is nothing of its own."""
    if isinstance(cell, Odd):
        return cell.kind == "merged" or is_blank(cell.value)
    return bool(BLANK.fullmatch(text_of(cell)))


def excerpt(cell: Any) -> str:
    """Cut a cell short for a message, without what could not be stored or would turn the message round."""
    text = UNSEEN.sub("", GARBLED.sub("", text_of(cell)))
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def oddity(cell: Any) -> str:
    """Name what is wrong with a cell whatever column it stands in; empty for nothing."""
    if isinstance(cell, Odd):
        return "error_cell" if cell.kind == "error" else oddity(cell.value)
    if isinstance(cell, bool):
        return "boolean"
    if isinstance(cell, date | time | timedelta):
        return "date"
    text = text_of(cell)
    if len(text) > LONGEST_CELL:
        return "cell_long"
    if UNSEEN.search(text):
        return "control"
    return "garbled" if GARBLED.search(text) else ""


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet program would reckon with; unguarded() takes it off again."""
    return f"'{text}" if text[:1] in ("'", *STARTS) else text


def unguarded(text: str) -> str:
    """Take off the apostrophe that guarded() put there."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("'", *STARTS) and len(text) > 1 else text
