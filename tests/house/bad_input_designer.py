"""Bad input at the designer: costs that are no amounts, and a draft that is not theirs to publish."""

from collections.abc import Iterator

from tests.house.bad_input import GOOD as OLD
from tests.house.bad_input import HOSTILE, MISSING, Bad, Form

OFFER = OLD["POST /console/{shop}/offers"]
GOOD: dict[str, Form] = {
    "POST /console/{shop}/offers/worth": OFFER,
    "POST /console/{shop}/offers/{offer}/publish": {},
}
COSTS: list[tuple[Form, str, str]] = [
    ({"cost": HOSTILE}, "such as 38 or 38.50", "比如 38"),
    ({"cost": "-1"}, "cannot be negative", "不能是负数"),
    ({"cost": "1.234"}, "more decimals", "小数位数太多"),
    ({"cost": "9" * 11}, "That amount is too large.", "太大"),
    ({"cost": "26", "fixed": "x"}, "such as 38 or 38.50", "比如 38"),
    ({"cost": "26", "fixed": "-3"}, "cannot be negative", "不能是负数"),
    ({"fixed": "200"}, "Say what one voucher costs you too", "请也填上每份的成本"),
    ({"cost": "26", "regulars": "101"}, "a whole number from 0 to 100", "0 到 100 的整数"),
    ({"cost": "26", "regulars": "-1"}, "a whole number from 0 to 100", "0 到 100 的整数"),
    ({"cost": "26", "regulars": "half"}, "Give a whole number.", "请填整数"),
    (
        {"cost": "40", "total_cap": "10"},
        "At worst this deal comes to −¥",
        "最坏的情况下，这个优惠会是 −¥",
    ),
    ({"cost": "40"}, "without a cap there is no bottom", "不限量就没有底"),
]
MISSED: list[tuple[Form, str, str]] = [
    ({}, "Still missing: what serving one voucher costs you.", "还差：每份的成本。"),
    ({"cost": HOSTILE}, "Still missing: what serving one voucher costs you.", "还差：每份的成本。"),
    ({"cost": "26", "price": "-1"}, "Still missing: the price.", "还差：售价。"),
    (
        {"cost": "26", "fixed": "9" * 30},
        "Still missing: the fixed cost as an amount.",
        "还差：固定支出（填金额）。",
    ),
    ({"cost": "26", "contents-0-quantity": "0"}, "what each thing costs alone", "每样东西的单点价"),
]


def rows() -> Iterator[Bad]:
    """Yield the rows; what is said of an unfinished form is no refusal."""
    for address in ("POST /console/{shop}/offers", "POST /console/{shop}/offers/{offer}"):
        yield from (Bad("owner", address, wrong, 422, en, zh, kept=True) for wrong, en, zh in COSTS)
        yield from (
            Bad("owner", address, {"cost": "40", "total_cap": "10", "known": known}, 422, "At worst", "最坏")
            for known in ("", "all:1999", "all:2000 ", HOSTILE, "9" * 400)
        )
    worth = "POST /console/{shop}/offers/worth"
    yield from (Bad("owner", worth, wrong, 200, en, zh, kept=True) for wrong, en, zh in MISSED)
    publish = "POST /console/{shop}/offers/{offer}/publish"
    for role in ("guest", "staff", "other_owner"):
        yield Bad(role, publish, {"known": HOSTILE}, 404, *MISSING)
        yield Bad(role, worth, {}, 404, *MISSING)
    results = "GET /console/{shop}/offers/{offer}/results"
    for number in ("0", "-1", "x", "99999"):
        yield Bad(
            "owner", f"{results}?rows=sold&page={number}", {}, 400, "There is no such page.", "没有这一页"
        )
    for name in ("all", "sold%00", "%3Cscript%3E"):
        yield Bad("owner", f"{results}?rows={name}", {}, 404, *MISSING)
