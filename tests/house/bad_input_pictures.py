"""Bad input of a shop's photos, special days and tables."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, LANG, LONG, MISSING, PRESSED, Bad, Form

GOOD: dict[str, Form] = {
    "POST /console/{shop}/pictures/{picture}": {"caption": "The counter at noon"},
    "POST /console/{shop}/pictures/{picture}/move": {"way": "up"},
    "POST /console/{shop}/days": {"first": "2099-01-01", "kind": "closed"},
    "POST /console/{shop}/print/tables": {"count": "4"},
}
NO_INPUT = {"POST /console/{shop}/pictures/{picture}/drop": PRESSED}
DATE = ("Give a date such as 2026-12-31.", "请填日期")
HOURS = ("Each opening time needs a different closing time.", "不同的打烊时间")
TABLES = ("Give a number from 1 to 60.", "请填 1 到 60")
WHOLE = ("Give a whole number.", "请填整数")


def rows() -> Iterator[Bad]:
    """Yield what is wrong with photos, then with days, then with tables."""
    pictures = "POST /console/{shop}/pictures"
    none = ("Choose at least one photo.", "至少选一张照片")
    yield Bad("owner", pictures, {}, 422, *none)
    yield Bad("owner", pictures, {"photos": HOSTILE}, 422, *none)
    yield Bad("owner", pictures, {"idempotency_key": "k" * 65}, 400, *DAMAGED)
    yield Bad("other_owner", pictures, {}, 404, *MISSING)
    one = f"{pictures}/{{picture}}"
    yield Bad("owner", one, {"caption": "长" * 121}, 422, LONG % 120, LANG % 120, kept=True)
    yield Bad("owner", one, {"caption": HOSTILE + "x" * 100}, 422, LONG % 120, LANG % 120, kept=True)
    yield Bad("owner", one, {"idempotency_key": "ü"}, 400, *DAMAGED)
    for way in ("", "sideways", HOSTILE):
        yield Bad("owner", f"{one}/move", {"way": way}, 400, *DAMAGED)
    yield from days()
    tables = "POST /console/{shop}/print/tables"
    for count in ("0", "-1", "61", "9" * 30):
        yield Bad("owner", tables, {"count": count}, 422, *TABLES, kept=True)
    for count in ("", "many", "1.5", HOSTILE):
        yield Bad("owner", tables, {"count": count}, 422, *WHOLE, kept=True)


def days() -> Iterator[Bad]:
    """Yield what is wrong with special days."""
    address = "POST /console/{shop}/days"
    for text in ("", "tomorrow", "2099-02-30", "2099-1-1-1", HOSTILE):
        yield Bad("owner", address, {"first": text}, 422, *DATE, kept=True)
    yield Bad("owner", address, {"last": "31/12/2099"}, 422, *DATE, kept=True)
    over = ("That day is over already.", "这一天已经过去了")
    yield Bad("owner", address, {"first": "2020-01-01"}, 422, *over, kept=True)
    turned = ("The last day comes before the first.", "最后一天在第一天之前")
    yield Bad("owner", address, {"last": "2098-12-31"}, 422, *turned, kept=True)
    many = ("At most 31 days at once.", "一次最多 31 天")
    yield Bad("owner", address, {"last": "2099-02-01"}, 422, *many, kept=True)
    yield Bad("owner", address, {}, 422, "That is more than a year ahead.", "超过一年了", kept=True)
    listed = ("Choose one of the listed answers.", "请从列出的选项里选")
    yield Bad("owner", address, {"kind": "maybe"}, 422, *listed)
    opened = {"kind": "open", "opens": "09:00"}
    yield Bad("owner", address, opened, 422, *HOURS, kept=True)
    yield Bad("owner", address, {**opened, "closes": "09:00"}, 422, *HOURS, kept=True)
    yield Bad(
        "owner", address, {**opened, "closes": "25:00"}, 422, "Give times like 09:30.", "09:30", kept=True
    )
    yield Bad("owner", address, {"note": "长" * 81}, 422, LONG % 80, LANG % 80, kept=True)
    yield Bad("owner", "POST /console/{shop}/days/drop", {}, 400, *DAMAGED)
    yield Bad("owner", "POST /console/{shop}/days/drop", {"first": "2099-01-01", "last": "x"}, 400, *DAMAGED)
