"""Bad input of those who write a menu or bring one in a file."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, LANG, LONG, MISSING, PRESSED, Bad, Form

LINE: Form = {"version": "1", "name": "Pancake", "price": "18", "section": "面"}
MENU = "POST /console/{shop}/menu"
ONE = f"{MENU}/lines/{{menu_line}}"
BROUGHT = f"{MENU}/imports/{{menu_import}}"
GOOD: dict[str, Form] = {
    MENU: LINE,
    ONE: LINE,
    f"{ONE}/move": {"version": "1", "to": "up"},
    f"{ONE}/remove": {"version": "1"},
    f"{MENU}/sections": {"version": "1", "section": "面", "name": "面食", "do": "rename"},
    f"{MENU}/import": {"mode": "add"},
    f"{BROUGHT}/undo": {"version": "1"},
}
NO_INPUT = {f"{BROUGHT}/apply": PRESSED, f"{BROUGHT}/drop": PRESSED}
EDITED = ("Somebody changed this menu meanwhile.", "刚才有人改过菜单")
PAGE = ("There is no such page.", "没有这一页")
AMOUNTS: list[tuple[str, str, str]] = [
    ("x", "such as 38 or 38.50", "比如 38"),
    ("20-30", "such as 38 or 38.50", "比如 38"),
    ("-1", "cannot be negative", "不能是负数"),
    ("1.234", "more decimals", "小数位数太多"),
    ("9" * 11, "That amount is too large.", "太大"),
    (HOSTILE, "such as 38 or 38.50", "比如 38"),
]
LONGEST = {"name": 120, "name_en": 160, "section": 80, "unit": 20, "note": 300}
HERE = 'Content-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
TYPE = (("Content-Type", "multipart/form-data; boundary=x"),)


def rows() -> Iterator[Bad]:
    """Yield what is wrong with lines, sections, files and pages."""
    for address in (MENU, ONE):
        yield Bad("owner", address, {"name": "  "}, 422, "Write what it is called.", "请填写名称")
        for name, most in LONGEST.items():
            wrong = {name: "长" * (most + 1)}
            yield Bad("owner", address, wrong, 422, LONG % most, LANG % most, kept=True)
        for text, english, chinese in AMOUNTS:
            yield Bad("owner", address, {"price": text}, 422, english, chinese, kept=True)
        yield Bad("owner", address, {"version": "0", "note": HOSTILE}, 409, *EDITED, kept=True)
        yield Bad("other_owner", address, {}, 404, *MISSING)
        yield Bad("staff", address, {}, 404, *MISSING)
    twice = ("This section has one of this name and unit already.", "同名同单位")
    yield Bad("owner", MENU, {"name": "炸酱面"}, 422, *twice, kept=True)
    yield Bad("owner", MENU, {"idempotency_key": "k" * 65}, 400, *DAMAGED)
    for address in (MENU, ONE, f"{ONE}/move", f"{ONE}/remove", f"{MENU}/sections", f"{BROUGHT}/undo"):
        for text in ("", "x", "-1", "9" * 30):
            yield Bad("owner", address, {"version": text}, 400, *DAMAGED)
    for address in (f"{ONE}/move", f"{ONE}/remove", f"{MENU}/sections"):
        yield Bad("owner", address, {"version": "0"}, 409, *EDITED)
        yield Bad("owner", address, {"version": "9"}, 409, *EDITED)
    for text in ("", "sideways", HOSTILE):
        yield Bad("owner", f"{ONE}/move", {"to": text}, 400, *DAMAGED)
        yield Bad("owner", f"{MENU}/sections", {"do": text}, 400, *DAMAGED)
    yield Bad("owner", f"{MENU}/sections", {"name": "长" * 81}, 422, LONG % 80, LANG % 80, kept=True)
    yield Bad("owner", f"{MENU}/sections", {"section": HOSTILE}, 404, *MISSING)
    yield Bad("owner", f"{MENU}/lines/987654", LINE, 404, *MISSING)
    yield Bad("owner", f"{BROUGHT}/undo", {}, 409, "This import cannot do that any more.", "这次导入")
    yield from files()
    yield from pages()


def files() -> Iterator[Bad]:
    """Yield files that cannot be taken."""
    address = f"{MENU}/import"
    none = ("Choose a file first.", "请先选择文件")
    yield Bad("owner", address, {}, 422, *none)
    yield Bad("owner", address, {"file": HOSTILE}, 422, *none)
    yield Bad("owner", address, {"mode": "burn"}, 400, *DAMAGED)
    yield Bad("other_owner", address, {}, 404, *MISSING)
    for content, status, english, chinese in (
        ("\ufeff", 422, "The file is empty.", "文件是空的"),
        (HOSTILE, 415, "This is no table.", "这不是表格"),
        ("Tea,5\r\nMilk,3", 422, "No row names the columns.", "没有一行写明列名"),
        ("name,tags\r\nTea,hot", 422, "No column is called “price”.", "没有叫“价格”的列"),
        ("name,price,Price\r\nTea,1,2", 422, "Two columns are called “price”.", "两列都叫“price”"),
        ("PK\x03\x04" + HOSTILE, 422, "The file is damaged.", "文件已损坏"),
    ):
        yield Bad("owner", address, sent(content), status, english, chinese, headers=TYPE)
    two = sent("name,price\r\nTea,1", more=True)
    yield Bad("owner", address, two, 422, "Send one file at a time.", "一次只能发一个文件", headers=TYPE)


def sent(content: str, *, more: bool = False) -> bytes:
    """Write the body of a form with a file in it."""
    file = HERE % ("file", '; filename="menu.csv"\r\nContent-Type: text/csv', content)
    parts = [HERE % ("mode", "", "add"), file, *[file] * more]
    return ("".join(f"--x\r\n{part}" for part in parts) + "--x--\r\n").encode()


def pages() -> Iterator[Bad]:
    """Yield addresses of pages that are not there."""
    for page in ("page=0", "page=-1", "page=x", "page=99999", "page=２"):
        yield Bad("anonymous", "GET /shops/{shop}/menu?" + page, {}, 400, *PAGE)
        yield Bad("owner", "GET /console/{shop}/menu?" + page, {}, 400, *PAGE)
    brought = "GET /console/{shop}/menu/imports/{menu_import}?"
    yield Bad("owner", brought + "show=all", {}, 400, *PAGE)
    yield Bad("owner", brought + "show=added&page=0", {}, 400, *PAGE)
