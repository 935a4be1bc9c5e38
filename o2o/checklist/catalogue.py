"""The lines a checklist can have: what each asks, how it is answered, and what the town can see for itself."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sqlalchemy import Exists, exists, select
from sqlalchemy.orm import Session

from o2o.kernel.words import N_
from o2o.menus.models import MenuLine
from o2o.offers.models import Offer
from o2o.payouts.models import Payout
from o2o.pictures.models import Picture
from o2o.shops.models import Shop

OWN = "own-"


class Built(NamedTuple):
    """A line of the house: its kind, the kinds the operator may choose, its words, and what it asks for.

    `place` is the part of the desk where a computed line is put right. `is_on` says whether a new town asks for it.
    """

    kind: str
    kinds: tuple[str, ...]
    title: str
    help: str
    place: str = ""
    asks_text: bool = False
    asks_photo: bool = False
    asks_expiry: bool = False
    is_on: bool = False


_SEEN = ("computed",)
_SAID = ("attested", "verified")
BUILT: dict[str, Built] = {
    "hours": Built(
        "computed",
        _SEEN,
        N_("Opening hours"),
        N_("Guests see at a glance whether you are open."),
        "shop",
        is_on=True,
    ),
    "licence": Built(
        "verified",
        _SAID,
        N_("Business licence"),
        N_("A photo on which number and date can be read. Only you and whoever runs this town see it."),
        asks_text=True,
        asks_photo=True,
        asks_expiry=True,
        is_on=True,
    ),
    "identity": Built(
        "attested",
        _SAID,
        N_("Who you are"),
        N_("Your name, and what you are at this shop. It is never shown to guests."),
        asks_text=True,
        is_on=True,
    ),
    "phone_call": Built(
        "verified",
        ("verified",),
        N_("A short call"),
        N_("A number at the shop on which we can reach you: we call once, to know that it is you."),
        asks_text=True,
        is_on=True,
    ),
    "payout": Built(
        "computed",
        _SEEN,
        N_("Where your money goes"),
        N_("The account to which your takings are paid."),
        "payout",
        is_on=True,
    ),
    "terms": Built(
        "attested",
        ("attested",),
        N_("Terms for merchants"),
        N_("What you promise guests, and what we promise you."),
        is_on=True,
    ),
    "name": Built("computed", _SEEN, N_("Name"), N_("The name on your sign."), "shop"),
    "place": Built("computed", _SEEN, N_("Address"), N_("Where guests find your door."), "shop"),
    "phone": Built("computed", _SEEN, N_("Phone"), N_("Where guests can ask."), "shop"),
    "picture": Built("computed", _SEEN, N_("A picture"), N_("One photo of the shop or the food."), "pictures"),
    "menu": Built("computed", _SEEN, N_("A menu"), N_("At least one line with its price."), "menu"),
    "offer": Built("computed", _SEEN, N_("A first offer"), N_("Written and ready; nobody sees it yet."), "offers"),
    "bank": Built(
        "verified",
        ("verified",),
        N_("Bank details"),
        N_("A photo of a statement or card with the holder's name; cover the rest."),
        asks_photo=True,
    ),
}  # fmt: skip

Prepared = dict[str, Any]


def met(session: Session, *, keys: Iterable[str], shop: Shop, prepared: Prepared) -> set[str]:
    """Tell which computed lines the town sees fulfilled, by one statement; a key without a test here never is."""
    asked = list(keys)
    said = {key for key in asked if key in _SAYS and prepared.get(_SAYS[key], getattr(shop, _SAYS[key]))}
    kept = [key for key in asked if key in _HAS]
    if not kept:
        return said
    row = session.execute(select(*(_HAS[key](shop.id) for key in kept))).one()
    return said | {key for key, is_there in zip(kept, row, strict=True) if is_there}


_SAYS = {"name": "name", "place": "address", "hours": "hours", "phone": "phone"}
_HAS: dict[str, Callable[[int], Exists]] = {
    "picture": lambda shop_id: exists().where(Picture.shop_id == shop_id),
    "menu": lambda shop_id: exists().where(MenuLine.shop_id == shop_id),
    "offer": lambda shop_id: exists().where(Offer.shop_id == shop_id, Offer.state != "ended"),
    "payout": lambda shop_id: exists().where(
        Payout.shop_id == shop_id, Payout.ended_at.is_(None), Payout.sealed != ""
    ),
}

TERMS_ZH = """在这里开店，您答应：
1. 优惠写什么就给什么，不另收费，不差别对待。
2. 卖出的券在有效期内都认；停业、处罚或证照过期也一样。
3. 证照真实有效，有变动尽快更新。
4. 顾客的信息只用来服务他们，不外传，不拿去打广告。
5. 不刷单，不买卖评价，也不因差评为难顾客。
我们答应：费用先讲清，不悄悄涨；处理您之前给出理由和证据，您可以申诉；您随时可以带着全部数据离开。"""
TERMS_EN = """By opening a shop here you promise:
1. Guests get what the offer says, with no extra fee and no worse treatment.
2. Every voucher sold is honoured while it is valid, also when you close, are sanctioned or a licence runs out.
3. Your papers are genuine and valid, and you renew them in time.
4. What you learn about guests serves them only; it is neither passed on nor used for advertising.
5. No invented sales, no bought reviews, no trouble for guests who complain.
We promise: every fee is said before and never grows unseen; before we act against you, you get reason and
evidence, and you can object; you may leave at any time with all your data."""
