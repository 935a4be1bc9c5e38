"""Bad input at a phone that asks to be a till, at the PIN, and at the owner's tills."""

from collections.abc import Iterator

from tests.house.bad_input import HOSTILE, MISSING, PRESSED, Bad, Form

# SEC 2 section 2.4.2: the base point of P-256, which is nobody's key.
X = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
Y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
RULES: Form = {"most_claims": "50", "most_each": "200", "most_total": "2000"}
GOOD: dict[str, Form] = {
    "POST /till/register": {"shop": "{shop}", "name": "Bar", "x": X, "y": Y},
    "POST /till/pin": {"shop": "{shop}", "pin": "2580", "again": "2580"},
    "POST /console/{shop}/tills/{till_id}/rename": {"name": "Bar"},
    "POST /console/{shop}/tills/rules": RULES,
}
NO_INPUT = {
    "POST /console/{shop}/tills/{till_id}/admit": PRESSED,
    "POST /console/{shop}/tills/{till_id}/revoke": PRESSED,
}
FIRST = ("Choose your shop first.", "请先选择门店。")
NAME = ("Name it in 1 to 40 characters.", "名称请填 1 到 40 个字。")
KEY = ("This phone's key is damaged.", "这台手机的密钥有误")
NO_SHOPS = ("", "x", "0", "-1", "9" * 30, HOSTILE)
NO_NAMES = ("", "   ", "长" * 41, HOSTILE * 2)
NO_POINTS: tuple[Form, ...] = (
    {"x": ""},
    {"y": ""},
    {"x": Y, "y": X},
    {"x": X.upper()},
    {"x": X[1:]},
    {"x": "g" * 64},
    {"y": "0" * 64},
    {"x": "f" * 64},
    {"x": HOSTILE},
)
MONEY = (
    ("", "Give an amount; 0 means nothing at all.", "填 0 就是不收"),
    (HOSTILE, "such as 38 or 38.50", "比如 38"),
    ("-1", "cannot be negative", "不能是负数"),
    ("1.234", "more decimals", "小数位数太多"),
    ("10000000.01", "That amount is too large.", "太大"),
    ("9" * 11, "That amount is too large.", "太大"),
)


def rows() -> Iterator[Bad]:
    """Yield the table."""
    ask = "POST /till/register"
    for text in NO_SHOPS:
        yield Bad("staff", ask, {"shop": text}, 422, *FIRST)
        yield Bad("staff", "POST /till/pin", {"shop": text}, 422, *FIRST)
    for path in (ask, "POST /till/pin"):
        yield Bad("staff", path, {"shop": "987654"}, 404, *MISSING)
    yield from (Bad("staff", ask, {"name": text}, 422, *NAME) for text in NO_NAMES)
    yield from (Bad("staff", ask, wrong, 422, *KEY) for wrong in NO_POINTS)
    json = (("Content-Type", "application/json"), ("Accept", "application/json"))
    for body in (b"", b"{}", b"[1]", b"{", b'{"shop": [], "name": {}}', b"\xff"):
        yield Bad("staff", ask, body, 422, *FIRST, headers=json)
    yield from pins()
    rename = "POST /console/{shop}/tills/{till_id}/rename"
    yield from (Bad("owner", rename, {"name": text}, 422, *NAME) for text in NO_NAMES)
    yield from limits()


def pins() -> Iterator[Bad]:
    """Yield PINs that are none, or everybody's."""
    digits = ("A PIN has 4 to 6 digits.", "PIN 是 4 到 6 位数字。")
    weak = ("Anybody would try this PIN first.", "这个 PIN 太好猜了")
    for text in ("", "123", "1234567", "12a4", "-124", HOSTILE):
        yield Bad("staff", "POST /till/pin", {"pin": text, "again": text}, 422, *digits)
    for text in ("1234", "0000", "9876", "890123", "４３２１"):
        yield Bad("staff", "POST /till/pin", {"pin": text, "again": text}, 422, *weak)
    yield Bad(
        "staff", "POST /till/pin", {"again": "2581"}, 422, "These two are not the same.", "两次输入不一样。"
    )
    yield Bad("staff", "POST /till/pin", {"again": ""}, 422, "Type the PIN twice.", "PIN 请输入两次。")


def limits() -> Iterator[Bad]:
    """Yield offline rules out of range."""
    rules = "POST /console/{shop}/tills/rules"
    uses = ("Choose between 0 and 1000 uses.", "请填 0 到 1000 次。")
    yield from (Bad("owner", rules, {"most_claims": text}, 422, *uses, kept=True) for text in ("-1", "1001"))
    for field in ("most_each", "most_total"):
        yield from (Bad("owner", rules, {field: text}, 422, *said, kept=True) for text, *said in MONEY)
    for text in ("", "x", "1.5", HOSTILE):
        yield Bad("owner", rules, {"most_claims": text}, 422, "Give a whole number.", "请填整数", kept=True)
