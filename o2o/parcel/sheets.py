"""Rows as people read them in a spreadsheet, and as machines do; nothing in a cell is ever a formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from o2o.kernel.money import plain_money
from o2o.parcel.carried import MONEY

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), full-width forms included.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"  # Excel reads UTF-8 only after it


def safe(text: str) -> str:
    """Make a text that a spreadsheet shows and never carries out."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def cell(name: str, value: Any, *, currency: str, zone: ZoneInfo) -> Any:
    """Write one value for people: local times, amounts with decimals, words that stay words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if name in MONEY and isinstance(value, int):
        return plain_money(value, currency)
    if isinstance(value, int | float):
        return value
    return safe(value if isinstance(value, str) else str(plain(value)))


def plain(value: Any) -> Any:
    """Write one value for machines; moments as ISO 8601 in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def as_csv(
    columns: list[str], rows: Iterable[dict[str, Any]], *, currency: str, zone: ZoneInfo
) -> Iterator[bytes]:
    """Write a table for people, piece by piece."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow(columns)
    for row in rows:
        money = row.get("currency") or currency
        writer.writerow([cell(name, row[name], currency=money, zone=zone) for name in columns])
        if buffer.tell() > 32_000:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def as_json(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Write a table for machines, one row a line."""
    before = b"[\n"
    for row in rows:
        whole = {
            name: value if isinstance(value, list | dict) else plain(value) for name, value in row.items()
        }
        yield before + orjson.dumps(whole)
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"
