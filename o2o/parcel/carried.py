"""Which tables a shop takes along when it asks for everything, and which stay, each with its reason.

A test walks the metadata: a table with a shop in it that is on neither list fails, and so does a column that
names a person and is not said to be one of the three kinds of people here.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, select

from o2o.kernel.db import Base
from o2o.ledger.queries import shop_book

Where = Callable[[Table, int], ColumnElement[bool]]


class Carried(NamedTuple):
    """How a table's rows come along: `about` says in zh and en what they are.

    `guest` columns name people who came and become the shop's pseudonyms of them; `voice` columns name people who
    said something, under other pseudonyms, so that a review leads to nobody at the counter; `staff` columns name
    who works or worked here; `hidden` ones stay behind: secrets, and whatever would join the two kinds of names.
    """

    zh: str
    en: str
    guest: tuple[str, ...] = ()
    voice: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    where: Where | None = None


def through(name: str, column: str, *, key: str = "id") -> Where:
    """Take the rows that point to a row of the shop's in another table."""

    def where(table: Table, shop_id: int) -> ColumnElement[bool]:
        parent = Base.metadata.tables[name]
        return table.c[column].in_(select(parent.c[key]).where(parent.c.shop_id == shop_id))

    return where


def _itself(table: Table, shop_id: int) -> ColumnElement[bool]:
    return table.c.id == shop_id


def _at_work(table: Table, shop_id: int) -> ColumnElement[bool]:
    return (table.c.shop_id == shop_id) & (table.c.kind != "claimant")


def _admitted(table: Table, shop_id: int) -> ColumnElement[bool]:
    return (table.c.shop_id == shop_id) & table.c.state.in_(("approved", "suspended", "closed"))


def _handed_in(table: Table, shop_id: int) -> ColumnElement[bool]:
    claims = Base.metadata.tables["shop_claim"]
    return table.c.claim_id.in_(select(claims.c.id).where(_admitted(claims, shop_id)))


def _of_the_book(table: Table, shop_id: int) -> ColumnElement[bool]:
    return table.c.book == shop_book(shop_id)


def _shown(table: Table, shop_id: int) -> ColumnElement[bool]:
    return (table.c.shop_id == shop_id) & (table.c.state == "shown")


def _to_what_is_shown(table: Table, shop_id: int) -> ColumnElement[bool]:
    reviews = Base.metadata.tables["review"]
    return table.c.review_id.in_(select(reviews.c.id).where(_shown(reviews, shop_id)))


CARRIED: dict[str, Carried] = {
    "shop": Carried("门店资料和营业时间", "The shop: words, hours, place", where=_itself),
    "special_day": Carried("特殊日期", "Special days"),
    "menu_line": Carried("菜单", "The menu"),
    "picture": Carried("店铺照片（文件在 photos/）", "Pictures of the shop; the files lie in photos/"),
    "offer": Carried("优惠", "Offers", staff=("created_by",)),
    "terms": Carried("优惠的每一版条款", "Every version of every offer's terms", staff=("created_by",)),
    "offer_plan": Carried(
        "优惠的成本测算", "What you reckoned for each deal", where=through("offer", "offer_id")
    ),
    "pass": Carried(
        "卖出的券",
        "Passes sold",
        guest=("account_id",),
        hidden=("token", "short_code", "kid", "device_id"),
    ),
    "purchase": Carried(
        "订单",
        "Orders",
        guest=("account_id",),
        hidden=("hold_key", "intent_id", "device_id"),
    ),
    "redemption": Carried(
        "核销",
        "Redemptions",
        staff=("staff_id", "annulled_by"),
        hidden=("nonce", "digest", "code", "mark"),
    ),
    "refund": Carried("退款", "Refunds", hidden=("mark", "payback_id"), where=through("pass", "pass_id")),
    "book": Carried("账本", "Your book, and the head of its chain"),
    "posting": Carried(
        "账本分录", "Postings of your book", hidden=("actor", "request_id"), where=_of_the_book
    ),
    "leg": Carried(
        "分录明细",
        "Legs of those postings",
        where=lambda table, shop_id: table.c.posting_id.in_(
            select(Base.metadata.tables["posting"].c.id).where(
                Base.metadata.tables["posting"].c.book == shop_book(shop_id)
            )
        ),
    ),
    "balance": Carried("账户余额", "Balances of your book", where=_of_the_book),
    "conflict": Carried("收银机冲突", "Conflicts of tills", staff=("decided_by",)),
    "guest": Carried("顾客（代号；联系方式只有本人同意才有）", "Guests", guest=("account_id",)),
    "guest_note": Carried(
        "顾客备注", "Notes on guests", staff=("staff_id",), where=through("guest", "guest_id")
    ),
    "review": Carried(
        "评价（代号与顾客表不同）",
        "Reviews; the names are others than the guests'",
        voice=("account_id",),
        hidden=("redemption_id", "pass_id", "visit_id", "key", "hidden_why"),
        where=_shown,
    ),
    "reply": Carried("对评价的回复", "Your replies", staff=("account_id",), where=_to_what_is_shown),
    "answer": Carried(
        "“内容是否属实”的回答",
        "Answers whether guests got what was advertised",
        voice=("account_id",),
        hidden=("redemption_id", "pass_id"),
    ),
    "line": Carried(
        "顾客私下写给你的话",
        "Private lines to you",
        voice=("account_id",),
        hidden=("redemption_id", "pass_id", "visit_id", "key"),
    ),
    "role": Carried(
        "员工",
        "People who work or worked here",
        staff=("account_id", "created_by"),
        hidden=("prepared",),
        where=_at_work,
    ),
    "invite": Carried("邀请", "Invitations", staff=("used_by", "created_by"), hidden=("digest",)),
    "act": Carried("操作记录", "What was done in the shop's name", staff=("account_id",)),
    "till": Carried("收银机", "Tills", staff=("asked_by", "active_by", "revoked_by")),
    "till_entry": Carried("收银机流水", "The tills' own books", staff=("staff_id",), hidden=("raw",)),
    "claim": Carried("离线核销申报", "Uses that tills handed in", staff=("staff_id",), hidden=("text",)),
    "scan": Carried("扫码记录", "Scans", staff=("staff_id",)),
    "offline_rules": Carried("离线规则", "Offline rules", staff=("changed_by",)),
    "poster": Carried("签到海报", "Check-in posters", staff=("created_by",)),
    "poster_day": Carried(
        "海报每天打开次数", "Openings of each poster", where=through("poster", "poster_id")
    ),
    "shop_claim": Carried("入驻申请", "Your admission", staff=("account_id", "decided_by"), where=_admitted),
    "submission": Carried(
        "入驻材料",
        "What you handed in",
        staff=("account_id", "decided_by"),
        hidden=("photo_id",),
        where=_handed_in,
    ),
    "sanction": Carried(
        "平台的处置和申诉", "Sanctions and appeals", staff=("created_by", "appealed_by", "decided_by")
    ),
    "payout": Carried(
        "收款账户（只有尾号）", "Payout accounts, last digits only", staff=("account_id",), hidden=("sealed",)
    ),
    "branch": Carried("连锁关系", "Groups of branches"),
    "shared_part": Carried("共享优惠", "Shared offers"),
    "closing": Carried("关店记录", "Closings", staff=("account_id",)),
}

LEFT: dict[str, str] = {
    "visit": "comes along as numbers per day and poster: an arrival is the guest's",
    "last_visit": "the guest's own; only keeps one visit from counting twice",
    "guide_entry": "the town's words about shops",
    "look": "who looked at a guest belongs to that guest",
    "login": "devices of people",
    "menu": "a counter of changes; the menu itself is menu_line",
    "menu_import": "files that became the menu, or did not",
    "feed": "counters by which tills ask for news",
    "tiding": "news for tills, made from what is here",
    "till_pin": "secrets of staff",
    "photo": "what is of the shop comes as files, by picture",
    "report": "told to whoever runs the town, not to the shop",
    "shop_term": "search words, made from the shop's own texts",
    "phrase_use": "search words, made from the shop's own texts",
}

# Minor units of the currency of the row, or of the town: the tables for people show them as amounts.
MONEY = frozenset(
    [
        "price",
        "parts_price",
        "unit_price",
        "total",
        "paid",
        "spent",
        "value",
        "amount",
        "cost",
        "fixed",
        "loss_seen",
    ]
)
