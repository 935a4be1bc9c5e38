"""The table of bad input: who sends what where, and which status and sentence (English, Chinese) comes back.

A row names only what is wrong; the rest of the form is GOOD. `{shop}` and the like are the things of tests.house.world.
What is typed stays in a form that is shown again, unless a row says otherwise (`kept=False`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Form = dict[str, Any]
HOSTILE = "<script>alert(1)</script>\"'{{7*7}}%s"
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
PRESSED = "One button: the address says everything, and nothing that is sent along is read."
DAMAGED = ("This form is damaged. Please reload the page and try again.", "表单损坏了，请刷新页面再试。")
PASSKEY = ("The passkey's answer did not fit. Please start again.", "通行密钥验证未通过，请重新开始。")
MISSING = ("We could not find that, or it is not yours to see.", "没找到，或者它不属于你。")
TOO_LARGE = ("That is too large to send.", "内容太大，无法提交。")
LONG = "Keep this within %d characters."
LANG = "最多 %d 个字。"


@dataclass(frozen=True)
class Bad:
    """One bad input and its answer; `raw` is a body that is no form."""

    role: str
    address: str
    wrong: Form | bytes
    status: int
    english: str
    chinese: str
    kept: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    # A good form that must have been sent before: its address and data.
    after: tuple[str, Form] | None = None

    def __str__(self) -> str:
        return f"{self.role} {self.address} {self.wrong!r:.60}"


# What a complete form of each address holds; a row's `wrong` stands above it.
GOOD: dict[str, Form] = {
    "POST /console/{shop}/offers": {
        "title": "Two coffees", "contents-0-text": "Coffee", "contents-0-quantity": "2", "contents-0-alone": "25",
        "price": "38", "uses": "1", "validity": "days", "valid_days": "30",
        "weekdays": ["0", "1", "2", "3", "4", "5", "6"], "refund_before_use": "y", "do": "publish",
    },
    "POST /console/{shop}/shop": {
        "version": "1", "name": "Shop A", "category": "amenity/cafe", "wheelchair": "yes", "hours_kind": "unknown",
        "lat": "39.99", "lng": "116.33",
    },
    "POST /console/{shop}/staff/invites": {"kind": "staff", "name": "Ming"},
    "POST /offers/{offer_id}/orders": {"quantity": "1", "idempotency_key": "bad-input"},
    "POST /till/scan": {"shop": "{shop}", "code": "ABCD-EFGH-JKMN"},
    "POST /till/redemptions": {
        "shop": "{shop}", "code": "ABCD-EFGH-JKMN", "quantity": "1", "nonce": "bad-input-1",
    },
    "POST /till/redemptions/{redemption_id}/annul": {"reason": "mistake"},
    "POST /till/shop": {"shop": "{shop}"},
    "POST /me/consents": {"purpose": "asks", "on": "1"},
    "POST /me/erase": {"sure": "y"},
    "POST /me/passkeys/{passkey_id}/name": {"label": "My phone"},
    "POST /operator/listings/{shop}/owners": {"handle": ""},
    "POST /sign-in/recover": {"key": "ABCD-EFGH"},
}  # fmt: skip
GOOD["POST /console/{shop}/offers/{offer}"] = GOOD["POST /console/{shop}/offers"]

# Routes that read no input; each with its reason.
NO_INPUT = {
    "POST /console/{shop}/offers/{offer}/pause": PRESSED,
    "POST /console/{shop}/offers/{offer}/resume": PRESSED,
    "POST /console/{shop}/offers/{offer}/end": PRESSED,
    "POST /console/{shop}/staff/{role}/end": PRESSED,
    "POST /console/{shop}/staff/invites/{invite}/withdraw": PRESSED,
    "POST /operator/listings/{shop}/invites/{invite}/withdraw": PRESSED,
    "POST /invites/{token}": PRESSED,
    "POST /me/passkeys/{passkey_id}/remove": PRESSED,
    "POST /me/sessions/{login_id}/end": PRESSED,
    "POST /me/sessions/end-others": PRESSED,
    "POST /orders/{order_id}/cancel": PRESSED,
    "POST /orders/{order_id}/pay": PRESSED,
    "POST /sign-out": PRESSED,
    "POST /me/passkeys/options": "A script asks for a challenge and sends nothing.",
    "POST /sign-in/first/passkey/options": "A script asks for a challenge and sends nothing.",
    "POST /sign-in/account/options": "A script asks for a challenge and sends nothing.",
    "POST /sign-in/passkey/options": "A script asks for a challenge and sends nothing.",
}

OFFER: list[tuple[Form, str, str]] = [
    ({"title": ""}, "Give the offer a title", "给套餐起个名字"),
    ({"title": "长" * 81}, LONG % 80, LANG % 80),
    ({"title": HOSTILE, "price": "x"}, "such as 38 or 38.50", "比如 38"),
    ({"contents-0-text": "", "contents-0-alone": ""}, "Write down at least one thing", "至少写一项"),
    ({"contents-0-text": "t" * 81}, LONG % 80, LANG % 80),
    ({"contents-0-quantity": "two"}, "Give a whole number.", "请填整数"),
    ({"contents-0-quantity": "100"}, "from 1 to 99", "1 到 99"),
    ({"contents-0-alone": HOSTILE}, "such as 38 or 38.50", "比如 38"),
    ({"price": ""}, "Give an amount; 0 makes it free.", "填 0 就是免费"),
    ({"price": "-1"}, "cannot be negative", "不能是负数"),
    ({"price": "1.234"}, "more decimals", "小数位数太多"),
    ({"price": "9" * 11}, "That amount is too large.", "太大"),
    ({"price": "51"}, "higher than its parts", "比单点还贵"),
    ({"uses": ""}, "Give a whole number.", "请填整数"),
    ({"uses": "1.5"}, "Give a whole number.", "请填整数"),
    ({"uses": "0"}, "from 1 to 20", "1 到 20"),
    ({"uses": "21"}, "from 1 to 20", "1 到 20"),
    ({"valid_days": ""}, "Say how many days", "有效几天"),
    ({"valid_days": "731"}, "from 1 to 730", "1 到 730"),
    ({"validity": "dates", "valid_until": "2026-02-30"}, "Give a date such as 2026-12-31.", "请填日期"),
    ({"validity": "dates", "valid_until": "2020-01-01"}, "The last day is already over.", "已经过去"),
    ({"weekdays": []}, "Choose at least one day", "至少选一天"),
    ({"weekdays": ["7", "x"]}, "Choose at least one day", "至少选一天"),
    ({"from_minute": "25:00", "to_minute": "26:00"}, "Give times like 09:30.", "09:30"),
    ({"from_minute": "10:00"}, "Give both times of the day", "要么都填"),
    ({"per_person": "0"}, "limit per person", "每人限购"),
    ({"total_cap": "9999999"}, "from 1 to 1000000", "1 到 1000000"),
    ({"day_cap": "-1"}, "The number a day", "每日份数"),
    ({"notes": "n" * 501}, LONG % 500, LANG % 500),
    ({"notes": HOSTILE, "uses": "x"}, "Give a whole number.", "请填整数"),
]
SHOP: list[tuple[Form, str, str]] = [
    ({"name": ""}, "A shop needs a name.", "店铺要有名字"),
    ({"name": "长" * 121}, LONG % 120, LANG % 120),
    ({"name": HOSTILE, "lat": ""}, "from −90 to 90", "−90 到 90"),
    ({"about": "a" * 1001}, LONG % 1000, LANG % 1000),
    ({"address": "a" * 241}, LONG % 240, LANG % 240),
    ({"phone": "1" * 81}, LONG % 80, LANG % 80),
    ({"category": "amenity/spaceport"}, "Choose a category from the list.", "请从列表里选分类"),
    ({"website": "javascript:alert(1)"}, "Give a web address", "请填网址"),
    ({"wheelchair": "maybe"}, "one of the listed answers", "请从列出的选项里选"),
    ({"lat": "north"}, "Give a number such as 39.9929.", "比如 39.9929"),
    ({"lat": "91"}, "from −90 to 90", "−90 到 90"),
    ({"lat": "NaN"}, "from −90 to 90", "−90 到 90"),
    ({"lng": "inf"}, "from −180 to 180", "−180 到 180"),
    ({"hours_kind": "sometimes"}, "one of the listed answers", "请从列出的选项里选"),
    ({"hours_kind": "week", "day1-from1": "9", "day1-to1": "17:00"}, "Give times like 09:30.", "09:30 这样"),
    ({"hours_kind": "week", "day1-from1": "09:00"}, "a different closing time", "不同的打烊时间"),
    ({"hours_kind": "text", "hours_text": "x" * 256}, LONG % 255, LANG % 255),
]
QUANTITIES = ("", "0", "-1", "21", "x", "1.5", "9" * 30, "１x")

# Query parameters of discovery: what makes no sense is said, left out, and the rest is answered.
SEARCHES: list[tuple[str, str, str]] = [
    ("bbox=abc", "That is not a part of the map.", "这不是地图上的区域"),
    ("bbox=1,2,3", "That is not a part of the map.", "这不是地图上的区域"),
    ("bbox=116,40,115,39", "That is not a part of the map.", "这不是地图上的区域"),
    ("bbox=NaN,1,2,3", "That is not a part of the map.", "这不是地图上的区域"),
    ("lat=NaN&lng=1", "That is not a position on Earth.", "这不是地球上的位置"),
    ("lat=39.9", "That is not a position on Earth.", "这不是地球上的位置"),
    ("lat=91&lng=0", "That is not a position on Earth.", "这不是地球上的位置"),
    ("page=-1", "There is no such page.", "没有这一页"),
    ("page=0", "There is no such page.", "没有这一页"),
    ("page=two", "There is no such page.", "没有这一页"),
    ("page=99999", "There is no such page.", "没有这一页"),
    ("q=" + "a" * 101, "at most 100 characters", "最多 100 个字"),
    ("category=spaceport", "We do not know that category.", "没有这个分类"),
    ("category=%3Cscript%3E", "We do not know that category.", "没有这个分类"),
    ("sort=stars", "by distance, by points or by price", "只能按距离、推荐分或价格"),
    ("open=yes", "is either on or off", "只能开或关"),
    ("offer=2", "is either on or off", "只能开或关"),
    ("exact=x", "is either on or off", "只能开或关"),
]


def rows() -> Iterator[Bad]:
    """Yield the whole table."""
    for address in ("POST /console/{shop}/offers", "POST /console/{shop}/offers/{offer}"):
        yield from (Bad("owner", address, wrong, 422, en, zh, kept=True) for wrong, en, zh in OFFER)
    yield from (
        Bad("owner", "POST /console/{shop}/shop", wrong, 422, en, zh, kept=True) for wrong, en, zh in SHOP
    )
    yield from console()
    yield from buying()
    yield from till()
    yield from account()
    for path in ("/", "/shops", "/shops.geojson"):
        yield from (Bad("anonymous", f"GET {path}?{query}", {}, 400, en, zh) for query, en, zh in SEARCHES)


def console() -> Iterator[Bad]:
    """Yield what owners and the operator get wrong besides offers and the shop."""
    yield Bad(
        "owner",
        "POST /console/{shop}/shop",
        {"version": "99"},
        409,
        "Somebody else changed",
        "刚才有别人改过",
        kept=True,
    )
    invites = "POST /console/{shop}/staff/invites"
    yield Bad("owner", invites, {"name": "长" * 41}, 422, LONG % 40, LANG % 40, kept=True)
    yield Bad("owner", invites, {"idempotency_key": "k" * 65}, 400, *DAMAGED)
    owners = "POST /operator/listings/{shop}/owners"
    nobody = ("Nobody here has that account name.", "没有叫这个名字的账号")
    yield Bad("operator", owners, {"handle": "nobody-at-all"}, 422, *nobody, kept=True)
    yield Bad("operator", owners, {"handle": HOSTILE}, 422, *nobody, kept=True)
    yield Bad("operator", owners, {"handle": "x" * 41}, 422, LONG % 40, LANG % 40, kept=True)
    listings = "GET /operator/listings"
    page = ("There is no such page.", "没有这一页")
    yield from (
        Bad("operator", f"{listings}?page={number}", {}, 400, *page) for number in ("0", "-1", "x", "２")
    )


def buying() -> Iterator[Bad]:
    """Yield what guests, the bank and strangers get wrong about orders."""
    order = "POST /offers/{offer_id}/orders"
    bounds = ("You can buy 1 to 20 at a time.", "一次可买 1 到 20 份。")
    yield from (Bad("guest", order, {"quantity": text}, 422, *bounds) for text in QUANTITIES)
    yield from (
        Bad("guest", order, {"idempotency_key": key}, 400, *DAMAGED) for key in ("k" * 65, "ü", "a\x00")
    )
    yield Bad(
        "guest", order, {"terms": "987654"}, 409, "The shop has just changed this offer.", "店家刚修改了"
    )
    refunds = "POST /orders/{order_id}/refunds"
    yield Bad("guest", refunds, {"pass": "f" * 16}, 404, *MISSING)
    yield Bad("guest", refunds, {"pass": HOSTILE}, 404, *MISSING)
    yield Bad("guest", refunds, {}, 409, "There is nothing left in this order", "没有可以退款的券")
    used = ("This pass is used, expired or already being refunded.", "这张券已使用、已过期或正在退款。")
    yield Bad("guest", refunds, {"pass": "{pass_id}"}, 409, *used)
    forged = ("The signature of this notice does not hold.", "通知的签名不对。")
    hook = "POST /webhooks/{provider}"
    for header in ("", "t=1,v1=0", "t=x,v1=" + "0" * 64, "t=1,v1=" + "0" * 64):
        yield Bad("anonymous", hook, b"{}", 400, *forged, headers=(("Sandbox-Signature", header),))
    yield Bad("anonymous", hook, b" " * 9000, 413, *TOO_LARGE)
    yield Bad("anonymous", "POST /webhooks/gold", b"{}", 404, *MISSING)
    yield Bad("guest", "POST /inbox/read", {}, 400, *DAMAGED)
    yield from (Bad("guest", "POST /inbox/read", {"up_to": n}, 400, *DAMAGED) for n in ("x", "-1", "9" * 30))


def till() -> Iterator[Bad]:
    """Yield what staff get wrong."""
    first = ("Choose your shop first.", "请先选择门店。")
    scan = ("Scan a pass or type its code.", "请扫码或输入券码。")
    uses = ("Choose between 1 and 20 uses.", "请选择 1 到 20 次。")
    again = ("This form is damaged. Please scan the pass again.", "页面已失效，请重新扫码。")
    for path in ("POST /till/scan", "POST /till/redemptions", "POST /till/shop"):
        yield from (
            Bad("staff", path, {"shop": text}, 422, *first) for text in ("", "x", "0", "-1", "9" * 30)
        )
        yield Bad("staff", path, {"shop": "987654"}, 404, *MISSING)
    yield Bad("staff", "POST /till/scan", {"code": ""}, 422, *scan)
    yield Bad("staff", "POST /till/redemptions", {"code": ""}, 422, *scan)
    yield from (Bad("staff", "POST /till/redemptions", {"quantity": text}, 422, *uses) for text in QUANTITIES)
    for nonce in ("", "n" * 65, "é" * 8):
        yield Bad("staff", "POST /till/redemptions", {"nonce": nonce}, 422, *again)
    json = (("Accept", "application/json"),)
    yield Bad("staff", "POST /till/redemptions", {"quantity": "0"}, 422, *uses, headers=json)
    why = ("Say why this is undone.", "请说明撤销原因。")
    annul = "POST /till/redemptions/{redemption_id}/annul"
    yield from (Bad("staff", annul, {"reason": text}, 422, *why) for text in ("", "   ", "r" * 201))


def account() -> Iterator[Bad]:
    """Yield what people get wrong about their account, and what strangers send to its doors."""
    yield Bad("anonymous", "POST /language", {}, 400, "We speak Chinese and English.", "我们会说中文和英文。")
    yield Bad("anonymous", "POST /language", {"locale": "fr"}, 400, "We speak Chinese", "我们会说中文")
    name = ("A passkey's name has 1 to 60 characters.", "名称请填 1 到 60 个字。")
    label = "POST /me/passkeys/{passkey_id}/name"
    yield from (Bad("guest", label, {"label": text}, 422, *name) for text in ("", "  ", "x" * 61))
    yield Bad(
        "guest", "POST /me/erase", {"sure": ""}, 422, "Please tick the box if you are sure.", "请先勾选这里"
    )
    consent = "POST /me/consents"
    yield from (Bad("guest", consent, {"purpose": text}, 400, *DAMAGED) for text in ("", "ads", HOSTILE))
    yield from (Bad("guest", consent, {"on": text}, 400, *DAMAGED) for text in ("", "2", HOSTILE))
    nonces = ("", "x" * 32, "A" * 32, "0" * 31, "0" * 33)
    for path in ("POST /me/recovery/key", "POST /me/recovery/codes", "POST /sign-in/first/key"):
        yield from (Bad("guest", path, {"nonce": text}, 400, *DAMAGED) for text in nonces)
    yield from (Bad("anonymous", "POST /sign-in/key", {"nonce": text}, 400, *DAMAGED) for text in nonces)
    saved = ("Please save it first, then tick the box.", "请先保存好，再勾选这里。")
    made = ("/me/recovery/key", {"nonce": "0" * 32})
    yield Bad("guest", "POST /me/recovery/saved", {}, 422, *saved, after=made)
    recover = "POST /sign-in/recover"
    yield Bad("anonymous", recover, {"key": ""}, 422, "Type your key or one of your codes.", "请输入恢复密钥")
    yield Bad("anonymous", recover, {"key": "x" * 101}, 422, "That is too long", "太长了", kept=True)
    unknown = ("We do not know this key, or this code was used.", "密钥不正确，或这个恢复码已用过")
    yield from (Bad("anonymous", recover, {"key": text}, 422, *unknown, kept=True) for text in ("x", HOSTILE))
    yield Bad("anonymous", recover, {"idempotency_key": "k" * 65}, 400, *DAMAGED)
    link = "POST /sign-in/{token}"
    yield Bad("anonymous", link, {}, 410, "This link was used or has expired.", "这个链接已用过或已过期")
    yield Bad("anonymous", link, {"idempotency_key": "k" * 65}, 400, *DAMAGED)
    for role, path in (
        ("anonymous", "POST /sign-in/passkey"),
        ("anonymous", "POST /sign-in/account"),
        ("guest", "POST /me/passkeys"),
        ("guest", "POST /sign-in/first/passkey"),
    ):
        for body in (b"", b"{}", b"[1]", b'{"credential": 7}', b'{"credential": {"id": [], "response": 0}}'):
            yield Bad(role, path, body, 400, *PASSKEY, headers=(("Content-Type", "application/json"),))
    bank = ("Please choose one of the buttons.", "请点选其中一个按钮。")
    yield from (Bad("guest", "POST /sandbox/{ref}", {"answer": text}, 422, *bank) for text in ("", "steal"))
