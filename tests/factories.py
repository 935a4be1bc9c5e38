"""Small real objects for tests, made through the rules where a rule makes them. Append your own; one noun each."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts import rules as accounts
from o2o.accounts.models import Account
from o2o.accounts.queries import account_by_handle
from o2o.checkin import rules as checkin
from o2o.checkin.models import Poster, Visit
from o2o.conduct.models import Sanction
from o2o.guides import rules as guides
from o2o.guides.models import Guide
from o2o.holders.models import DeviceKey
from o2o.kernel import clock
from o2o.kernel.db import new_id
from o2o.kernel.geo import zkey
from o2o.offers import rules as offers
from o2o.offers.models import Terms
from o2o.onboarding.models import Claim
from o2o.orders import rules as orders
from o2o.orders.models import Order
from o2o.passes import rules as passes
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.photos import rules as photos
from o2o.photos.models import Photo
from o2o.pictures import rules as pictures
from o2o.pictures.models import Picture
from o2o.reports import rules as reports
from o2o.reports.models import Report
from o2o.reviews import rules as reviews
from o2o.reviews.models import Review
from o2o.sanctions import rules as sanctions
from o2o.shops.models import Role, Shop, Town
from o2o.shops.queries import forget_town
from tests.passes.phone import HolderPhone

LAT, LNG = 39.992, 116.338


def make_town(session: Session, **values: Any) -> Town:
    """Found the town (五道口, Asia/Shanghai, CNY) unless it is there."""
    forget_town()
    town = session.get(Town, 1)
    if town is None:
        given = {"name_zh": "五道口", "name_en": "Wudaokou", "timezone": "Asia/Shanghai", "country": "CN"}
        town = Town(id=1, **{**given, "currency": "CNY", "lat": LAT, "lng": LNG, **values})
        session.add(town)
        session.flush()
    return town


def make_account(session: Session, handle: str) -> Account:
    """Return the account of this handle, made when missing."""
    return account_by_handle(session, handle) or accounts.create_account(session, handle=handle)


def make_shop(session: Session, name: str = "小满咖啡", **values: Any) -> Shop:
    """Make a claimed shop in the town, let in as those were that there had been before claims."""
    make_town(session)
    now = clock.now()
    given = {
        "category": "amenity/cafe",
        "status": "claimed",
        "lat": LAT,
        "lng": LNG,
        "address": "成府路 28 号",
    }
    row = {**given, "created_at": now, "updated_at": now, **values}
    shop = Shop(name=name, zkey=zkey(row["lat"], row["lng"]), **row)
    session.add(shop)
    session.flush()
    if shop.status == "claimed":
        session.add(Claim(shop_id=shop.id, state="approved", way="before", created_at=now, moved_at=now))
        session.flush()
    return shop


def make_role(session: Session, shop: Shop, handle: str, kind: str = "staff", name: str = "") -> Role:
    """Let somebody work at a shop."""
    account = make_account(session, handle)
    role = Role(
        shop_id=shop.id,
        account_id=account.id,
        kind=kind,
        name=name,
        created_at=clock.now(),
        created_by="system",
    )
    session.add(role)
    session.flush()
    return role


def make_terms(session: Session, shop: Shop, **values: Any) -> Terms:
    """Put an offer on sale and return its terms: two coffees for ¥38 instead of ¥50, valid 30 days."""
    given = {
        "title": "双人手冲咖啡",
        "contents": (offers.Part("手冲咖啡", 2, 2500),),
        "price": 3800,
        "valid_days": 30,
    }
    offer = offers.publish(session, shop_id=shop.id, draft=offers.Draft(**{**given, **values}))
    return session.get_one(Terms, offer.terms_id)


def make_pass(
    session: Session, terms: Terms, handle: str = "guest", *, issued_at: datetime | None = None
) -> Pass:
    """Issue a pass to somebody; no order and no money behind it."""
    account = make_account(session, handle)
    at = issued_at or clock.now() - timedelta(minutes=5)
    return passes.issue(session, account_id=account.id, terms=terms, paid=terms.price, issued_at=at)


def make_device(session: Session, handle: str = "guest", number: int = 1) -> DeviceKey:
    """Remember the key of a phone of somebody's; the same number is the same phone."""
    phone, account = HolderPhone(number), make_account(session, handle)
    mine = select(DeviceKey).where(DeviceKey.account_id == account.id, DeviceKey.x == phone.x.hex())
    device = session.scalars(mine).one_or_none()
    if device is None:
        given = {"x": phone.x.hex(), "y": phone.y.hex(), "created_at": clock.now()}
        device = DeviceKey(account_id=account.id, **given)
        session.add(device)
        session.flush()
    return device


def make_order(
    session: Session,
    terms: Terms,
    handle: str = "guest",
    *,
    quantity: int = 1,
    key: str = "order",
    **more: Any,
) -> Order:
    """Hold an offer for somebody; a free one is theirs at once."""
    account = make_account(session, handle)
    given = {"account_id": account.id, "offer_id": terms.offer_id, "quantity": quantity, "key": key}
    return orders.place(session, **{**given, "now": clock.now(), **more})


def make_paid_order(
    session: Session, terms: Terms, handle: str = "guest", *, quantity: int = 1, key: str = "order"
) -> Order:
    """Buy an offer: hold, intent, capture, passes, posting; a bank's reference is made up, nobody is called."""
    order = make_order(session, terms, handle, quantity=quantity, key=key)
    if order.state == "paid":
        return order
    now = clock.now()
    order, intent = orders.start_paying(
        session, account_id=order.account_id, order_id=order.id, now=now, provider="test"
    )
    payments.note_pending(session, intent_id=intent.id, opened=payments.Opened(f"ref-{order.id}", "/bank"))
    return orders.capture(session, intent_id=intent.id, now=now)


def make_poster(session: Session, shop: Shop, label: str = "门口") -> Poster:
    """Hang a poster of a shop."""
    return checkin.hang(session, shop_id=shop.id, label=label, now=clock.now())


def make_visit(
    session: Session, poster: Poster, handle: str = "guest", *, at: datetime | None = None, **more: Any
) -> Visit:
    """Check somebody in by a poster."""
    given = {"key": new_id(), "bucket": "none", "claimed_at": None, "now": at or clock.now(), **more}
    account = make_account(session, handle)
    return checkin.arrive(session, code=poster.code, account_id=account.id, **given)


def make_guide(session: Session, *shops: Shop, is_public: bool = True, **texts: str) -> Guide:
    """Write a guide to these shops, each with a line; public or a draft."""
    given = {"title_zh": "雨天去处", "title_en": "For a rainy day", **texts}
    guide = guides.create(session, texts=guides.Texts(**given))
    stops = [guides.Stop(shop.id, f"第 {number} 站") for number, shop in enumerate(shops, 1)]
    guides.set_entries(session, guide_id=guide.id, version=guide.version, entries=stops)
    if is_public:
        guides.publish(session, guide_id=guide.id, version=guide.version)
    return guide


def make_photo(session: Session, shop: Shop, handle: str = "guest") -> Photo:
    """Keep a picture of somebody's that no room shows; its files hold no picture."""
    prepared = photos.Prepared(b"large", b"small", 16, 16, "0" * 64)
    account = make_account(session, handle)
    return photos.keep(session, account_id=account.id, shop_id=shop.id, prepared=prepared, at=clock.now())


def make_picture(session: Session, shop: Shop, handle: str = "owner", caption: str = "") -> Picture:
    """Let a shop show a picture; its files hold none."""
    prepared = photos.Prepared(b"large", b"small", 1600, 1200, "0" * 64)
    given = {"account_id": make_account(session, handle).id, "prepared": prepared, "caption": caption}
    return pictures.add(session, shop_id=shop.id, **given, now=clock.now())


def make_report(session: Session, shop: Shop, handle: str = "guest", **more: Any) -> Report:
    """Report a shop to the operator."""
    given = {"reason": "closed", "text": "Shutters down", "key": new_id(), "now": clock.now(), **more}
    account = make_account(session, handle)
    return reports.report(session, account_id=account.id, shop_id=shop.id, **given)[0]


def make_voice(session: Session, redemption_id: str, handle: str, word: str = "") -> Review:
    """Say everything that can be said about a redemption: a review, a no, and a private line."""
    said = {
        "account_id": make_account(session, handle).id,
        "redemption_id": redemption_id,
        "now": clock.now(),
    }
    missing = f"CANARY-MISSING-{word}"
    reviews.answer(session, is_kept=False, missing=missing, **said)
    reviews.say(session, text=f"CANARY-LINE-{word}", key=f"line-{word}", **said)
    return reviews.write(session, rating=4, text="Good noodles", key=f"review-{word}", **said)


def make_sanction(
    session: Session, shop: Shop, evidence: str = "Turned guests away", **more: Any
) -> Sanction:
    """Warn a shop, by somebody who runs the town."""
    by = make_account(session, "warden")
    given = {"step": "warn", "rule": "R1", "evidence": evidence, "by": by.id, "now": clock.now(), **more}
    return sanctions.impose(session, shop_id=shop.id, **given)
