"""Bad input of the operator's desk of claims, and of the payout account."""

from collections.abc import Iterator

from tests.house.bad_input import HOSTILE, LANG, LONG, MISSING, Bad, Form

WAY = ("This has moved on meanwhile.", "这事刚才有了变化")
BUTTON = ("Choose one of the buttons.", "请点选其中一个按钮。")
LATER = ("Choose today or a later day", "请选今天或以后的日子")
LISTED = ("Choose one of the listed answers.", "请从列出的选项里选")
OWN: Form = {"is_on": "y", "kind": "verified", "title_zh": "卫生许可", "title_en": "Hygiene permit"}
GOOD: dict[str, Form] = {
    "POST /operator/claims/{claim}/approve": {"seen": "ready_for_review-1"},
    "POST /operator/claims/{claim}/decide": {"do": "return", "seen": "ready_for_review-1"},
    "POST /operator/claims/{claim}/lines/{line}": {"do": "accept", "seen": "1"},
    "POST /operator/requirements": OWN,
    "POST /operator/requirements/{line}": {**OWN, "kind": "attested"},
    "POST /operator/merchant-terms": {"text_zh": "第二版", "text_en": "Second", "due": "2027-12-31"},
    "POST /console/{shop}/payout": {
        "kind": "card", "holder": "Lin Xiaoman", "bank": "ICBC", "number": "6222021234567890128",
    },
}  # fmt: skip


def rows() -> Iterator[Bad]:
    """Yield the table; the claim of this world is admitted already."""
    yield from claims()
    yield from asked()
    yield from payout()


def claims() -> Iterator[Bad]:
    """Yield decisions that are none."""
    decide, line = "POST /operator/claims/{claim}/decide", "POST /operator/claims/{claim}/lines/{line}"
    approve = "POST /operator/claims/{claim}/approve"
    for do in ("", "delete", "approve", HOSTILE):
        yield Bad("operator", decide, {"do": do}, 422, *BUTTON)
        yield Bad("operator", line, {"do": do}, 422, *BUTTON)
    for seen in ("", "approved-0", HOSTILE):
        changed = ("This claim was decided or changed meanwhile.", "这个申请刚被处理或有了变化")
        yield Bad("operator", decide, {"seen": seen}, 409, *changed)
        yield Bad("operator", approve, {"seen": seen}, 409, *changed)
        meanwhile = ("Somebody decided this line meanwhile", "这一项刚被别人处理过")
        yield Bad("operator", line, {"seen": seen}, 409, *meanwhile)
    yield Bad("guest", decide, {}, 404, *MISSING)
    yield Bad("guest", approve, {}, 404, *MISSING)
    yield Bad("owner", line, {}, 404, *MISSING)
    yield Bad("operator", "POST /operator/claims/{claim}/invite", {}, 409, *WAY)
    yield Bad("operator", "POST /operator/claims/{claim}/end", {}, 409, *WAY)
    owned = ("This shop has its owner here already.", "这家店已经有店主了")
    yield Bad("operator", "POST /operator/listings/{shop}/claim", {}, 409, *owned)
    link = ("The checklist goes with a link", "先填清单只能用链接邀请")
    both = {"checklist": "y", "handle": "lao-li"}
    yield Bad("operator", "POST /operator/listings/{shop}/owners", both, 422, *link)
    for number in ("0", "-1", "x", "２", "99999"):
        page = ("There is no such page.", "没有这一页")
        yield Bad("operator", f"GET /operator/claims?page={number}", {}, 400, *page)
    filters = ("Choose one of the filters above the list.", "请用列表上方的筛选")
    yield Bad("operator", "GET /operator/claims?show=mine", {}, 400, *filters)


def asked() -> Iterator[Bad]:
    """Yield lines and terms that cannot be."""
    new, line, terms = "", "/{line}", "POST /operator/merchant-terms"
    for place in (new, line):
        address = f"POST /operator/requirements{place}"
        yield Bad("operator", address, {"title_en": "t" * 81}, 422, LONG % 80, LANG % 80, kept=True)
        yield Bad("operator", address, {"help_zh": "长" * 301}, 422, LONG % 300, LANG % 300, kept=True)
        yield Bad("operator", address, {"kind": "computed"}, 422, *LISTED)
        yield Bad("operator", address, {"kind": HOSTILE}, 422, *LISTED)
        yield Bad("operator", address, {"due": "2026-02-30"}, 422, "Give a date such as", "请填日期")
        yield Bad("operator", address, {"due": "2020-01-01"}, 422, *LATER, kept=True)
        yield Bad("operator", address, {"due": "2999-01-01"}, 422, *LATER, kept=True)
    names = ("Name it in both languages.", "名称中英文都要填")
    yield Bad("operator", "POST /operator/requirements", {"title_zh": " "}, 422, *names)
    yield Bad("operator", "POST /operator/requirements", {"title_en": HOSTILE, "title_zh": ""}, 422, *names)
    yield Bad("guest", "POST /operator/requirements/{line}", {}, 404, *MISSING)
    both = ("Write the terms in both languages.", "条款中英文都要写")
    yield Bad("operator", terms, {"text_zh": " "}, 422, *both)
    yield Bad("operator", terms, {"text_en": ""}, 422, *both)
    yield Bad("operator", terms, {"text_en": "t" * 20_001}, 422, LONG % 20_000, LANG % 20_000)
    week = ("Give them at least 7 days", "至少给 7 天")
    yield Bad("operator", terms, {"due": "2020-01-01"}, 422, *week, kept=True)
    yield Bad("operator", terms, {"due": "2999-01-01"}, 422, *week, kept=True)
    yield Bad("operator", terms, {"due": ""}, 422, "Say until when they have time.", "请填截止日期")
    yield Bad("operator", terms, {"due": HOSTILE}, 422, "Give a date such as", "请填日期")


def payout() -> Iterator[Bad]:
    """Yield accounts that no bank knows."""
    address = "POST /console/{shop}/payout"
    digit = ("One digit of this card number is wrong.", "卡号有一位不对")
    yield Bad("owner", address, {"number": "6222021234567890129"}, 422, *digit, kept=True)
    for number in ("", "1234", "x" * 16, HOSTILE):
        yield Bad(
            "owner", address, {"number": number}, 422, "A card number has 12 to 19 digits.", "12 到 19 位"
        )
    iban = {"kind": "iban", "number": "DE88370400440532013000"}
    yield Bad("owner", address, iban, 422, "One character of this IBAN is wrong.", "IBAN 有一位不对")
    yield Bad("owner", address, {"kind": "iban"}, 422, "An IBAN begins with two letters", "IBAN 以两个字母")
    wallet = ("Type the wallet's account as the app shows it", "请按钱包 App 里显示的填写")
    yield Bad("owner", address, {"kind": "wallet", "number": "我的微信"}, 422, *wallet, kept=True)
    kinds = ("Choose a card, an account, an IBAN or a wallet.", "请选银行卡、对公账户")
    for kind in ("", "cash", HOSTILE):
        yield Bad("owner", address, {"kind": kind}, 422, *kinds)
    holder = ("Write the holder's name", "请填写户名")
    yield Bad("owner", address, {"holder": " "}, 422, *holder)
    yield Bad("owner", address, {"holder": "长" * 81}, 422, LONG % 80, LANG % 80, kept=True)
    yield Bad("owner", address, {"bank": ""}, 422, "Write which bank or wallet it is.", "请填写是哪家银行")
    yield Bad("owner", address, {"bank": "b" * 81}, 422, LONG % 80, LANG % 80, kept=True)
    yield Bad("manager", address, {}, 404, *MISSING)
    yield Bad("stranger", address, {}, 404, *MISSING)
