"""A small town with one of everything and the longest plausible words, for the tests that visit every page."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session

from o2o.accounts import rules as accounts
from o2o.binding import rules as binding
from o2o.checkin import rules as checkin
from o2o.guests import rules as guests
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.offers import rules as offers
from o2o.orders import queries as orders
from o2o.passes import rules as passes
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.refunds import rules as refunds
from o2o.shops import rules as shops
from o2o.shops.models import Shop
from o2o.tills import rules as tills
from tests import factories
from tests.browser.conftest import Town
from tests.browser.decor import decorate
from tests.browser.papers import hand_in
from tests.browser.quarrels import fight
from tests.browser.voices import speak
from tests.browser.warnings import warn
from tests.tills.phones import make_till
from tests.visitor import Visitor

LONG_ZH = "五道口胡同深处的老北京手工炸酱面与精酿啤酒馆（华清嘉园西门往里走二十米红灯笼旁）"
LONG_EN = "Donaudampfschifffahrtsgesellschaft's Neighbourhood Noodle House and Craft Brewery"
LONG_TITLE = "Slow-cooked Sunday lunch for two with seasonal vegetables, craft beer and dessert"[:80]
LONG_TITLE_ZH = ("周末双人慢炖套餐：时令蔬菜、手工炸酱面、两杯精酿啤酒、当日甜品任选，" * 3)[:80]
LONG_ADDRESS = (
    "Chengfu Road 28, Huaqing Jiayuan West Gate, twenty metres along the lane, Haidian District, Beijing"
)
SITE = "https://www.the-unreasonably-long-named-neighbourhood-noodle-house.example/menus/spring?table=outside"
PARTS = (offers.Part("手冲咖啡（云南小粒，浅烘，热或冰）", 2, 250_000), offers.Part(LONG_EN[:80], 1, 990_000))


@dataclass
class World:
    """What the pages' addresses name."""

    shop: int = 0
    listing: int = 0
    guide: int = 0
    draft: int = 0
    offer: int = 0
    offers: dict[str, int] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    passes: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    redemptions: dict[str, str] = field(default_factory=dict)
    visits: dict[str, str] = field(default_factory=dict)
    reviews: dict[str, int] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    sanctions: dict[str, int] = field(default_factory=dict)
    claims: dict[str, int] = field(default_factory=dict)
    line: str = ""
    guest_key: str = ""
    poster: int = 0
    doors: dict[str, str] = field(default_factory=dict)
    bank: str = ""
    invite: str = ""
    link: str = ""


def furnish(town: Town, *, shops_around: int = 24) -> World:
    """Fill an empty town; return what is there."""
    world = World()
    with town.app.app_context():
        begin_write()
        _open_shops(db.session, world, shops_around)
        _issue(db.session, world)
        db.session.commit()
        _buy(town, world)
        begin_write()
        _use(db.session, world)
        _hold(db.session, world)
        _arrive(db.session, world)
        _register(db.session, world)
        fight(db.session, world)
        speak(db.session, world)
        warn(db.session, world)
        hand_in(db.session, world)
        _know(db.session, world)
        db.session.commit()
    town.work()
    return world


def _open_shops(session: Session, world: World, around: int) -> None:
    """Open one shop with every offer, leave listings around it."""
    shop = factories.make_shop(
        session,
        name=LONG_ZH,
        name_en=LONG_EN,
        address=LONG_ADDRESS,
        phone="+86 10 8261 0000 ext. 1234; +86 138 0013 8000",
        website=SITE,
        hours="Mo-Fr 09:00-12:30,13:30-22:00; Sa,Su,PH 10:00-02:00",
        wheelchair="limited",
        about=f"{LONG_ZH}。" * 4,
    )
    world.shop = shop.id
    long = {"title_zh": LONG_TITLE_ZH, "title_en": LONG_TITLE, "about_zh": LONG_ZH, "about_en": LONG_EN}
    world.guide = factories.make_guide(session, shop, **long).id
    world.draft = factories.make_guide(session, is_public=False, **long).id
    factories.make_role(session, shop, "owner", kind="owner", name="Maximiliane Hohenstein-Schleswig")
    factories.make_role(session, shop, "staff", name="欧阳慕容诗涵")
    common = {"contents": PARTS, "notes": f"{LONG_ZH}。" * 3}
    drafts = {
        "long": {
            "title": LONG_TITLE, "price": 1_288_800, "uses": 5, "total_cap": 100, "day_cap": 50, "weekdays": 31,
            "from_minute": 660, "to_minute": 870, "per_person": 20,
        },
        "long-zh": {"title": LONG_TITLE_ZH, "price": 3800},
        "early": {
            "title": "Christmas breakfast",
            "price": 4500,
            "valid_days": None,
            "valid_from": clock.now().date() + timedelta(days=20),
            "valid_until": clock.now().date() + timedelta(days=50),
        },
        "coupon": {"title": "第二杯半价券", "price": 0},
        "paused": {"title": "Paused for the holidays", "price": 1000},
        "ended": {"title": "Over for good", "price": 1000},
    }  # fmt: skip
    for name, draft in drafts.items():
        world.offers[name] = factories.make_terms(session, shop, **{**common, **draft}).offer_id
    offers.pause(session, offer_id=world.offers["paused"])
    offers.end(session, offer_id=world.offers["ended"])
    world.offer = world.offers["long"]
    decorate(session, shop, LONG_TITLE, LONG_ZH)
    for number in range(around):
        near = {"lat": factories.LAT + number % 5 * 0.002 - 0.004, "lng": factories.LNG + number // 5 * 0.002}
        status = "unclaimed" if number % 2 else "claimed"
        one = factories.make_shop(
            session, name=f"街角小店 {number + 1} 号", status=status, address=None, **near
        )
        if status == "claimed":
            factories.make_terms(session, one, title=f"小店 {number + 1} 号双人套餐")
        else:
            world.listing = one.id
    second = factories.make_shop(session, name=LONG_EN, address=LONG_ADDRESS)
    factories.make_role(session, second, "owner", kind="owner")
    world.invite = shops.invite(session, shop_id=shop.id, kind="staff", name="Konstantin von Württemberg")
    shops.invite(session, shop_id=world.listing, kind="owner")


def _know(session: Session, world: World) -> None:
    """Let the shop know its guest, with a long note and a long contact."""
    guest, now = factories.make_account(session, "guest").id, clock.now()
    met = guests.reckon(session, shop_id=world.shop, account_id=guest)
    assert met is not None
    world.guest_key = met.key
    guests.agree(session, account_id=guest, shop_id=world.shop, contact=LONG_ADDRESS, now=now)
    owner = factories.make_account(session, "owner").id
    given = {"shop_id": world.shop, "key": met.key, "staff_id": owner, "now": now}
    guests.add_note(session, text=f"{LONG_EN}. {LONG_ZH}。" * 3, **given)
    guests.look(session, shop_id=world.shop, staff_id=owner, account_ids=[guest], what="export", now=now)


def _issue(session: Session, world: World) -> None:
    """Issue the passes that no purchase can give today: expired, early, refunded; let the operator in."""
    now = clock.now()
    terms = {name: session.get_one(offers.Offer, number).terms_id for name, number in world.offers.items()}
    given = {name: session.get_one(offers.Terms, number) for name, number in terms.items()}
    old = factories.make_pass(session, given["long"], issued_at=now - timedelta(days=60))
    made = {"expired": old, "early": factories.make_pass(session, given["early"])}
    passes.expire_due(session, now=now)
    for state in ("refunding", "refunded"):
        made[state] = factories.make_pass(session, given["long-zh"])
        passes.begin_refund(session, pass_id=made[state].id, cause="guest")
    passes.finish_refund(session, pass_id=made["refunded"].id)
    world.passes |= {state: one.id for state, one in made.items()}
    accounts.create_account(session, handle="operator", operator=True)
    world.link = accounts.make_sign_in_link(
        session, account_id=factories.make_account(session, "stranger").id
    )


def _buy(town: Town, world: World) -> None:
    """Buy as the guest does, so that the bank knows the payments."""
    guest = Visitor(town.app, town.app.response_class)
    guest.sign_in("guest")

    def order(name: str, quantity: int = 1) -> str:
        form = {"quantity": quantity, "idempotency_key": f"{name}-{quantity}-{len(world.orders)}"}
        answer = guest.post(f"/offers/{world.offers[name]}/orders", data=form)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.location).rsplit("/", 1)[1]  # of an order, or of a coupon's pass

    def pay(order_id: str, word: str) -> str:
        bank = str(guest.post(f"/orders/{order_id}/pay").location)
        assert bank.startswith("/sandbox/")
        if word:
            guest.post(bank, data={"answer": word})
        return bank.rsplit("/", 1)[1]

    world.orders["held"] = order("long", 2)
    world.orders["paying"] = order("long")
    world.bank = pay(world.orders["paying"], "")
    world.orders["cancelled"] = order("long-zh")
    guest.post(f"/orders/{world.orders['cancelled']}/cancel")
    world.orders["declined"] = order("long-zh")
    pay(world.orders["declined"], "decline")
    world.passes["coupon"] = order("coupon")
    world.codes["coupon"] = db.session.get_one(Pass, world.passes["coupon"]).short_code
    paid = {
        "valid": ("long", 1),
        "usable": ("long-zh", 2),
        "used": ("long-zh", 1),
        "told": ("long-zh", 1),
        "given-back": ("long-zh", 1),
    }
    for name, (offer, quantity) in paid.items():
        world.orders[name] = order(offer, quantity)
        pay(world.orders[name], "approve")
        for number, one in enumerate(orders.passes_of(db.session, world.orders[name])):
            key = f"{name}-{number}" if number else name
            world.passes[key], world.codes[key] = one.id, one.short_code
    db.session.rollback()


def _use(session: Session, world: World) -> None:
    """Redeem at the till: one whole, one use of several, one undone; give one back."""
    staff = factories.make_account(session, "staff")
    now = clock.now()

    def redeem(name: str, nonce: str) -> str:
        given = {"shop_id": world.shop, "staff_id": staff.id, "quantity": 1, "now": now, "nonce": nonce}
        answer = redemption.redeem(session, text=world.codes[name], **given)
        assert answer.is_ok, answer.reason
        return str(answer.redemption_id)

    world.redemptions["used"] = redeem("used", "nonce-used")
    world.redemptions["told"] = redeem("told", "nonce-told")
    world.redemptions["undone"] = redeem("coupon", "nonce-undone")
    redemption.annul(
        session,
        shop_id=world.shop,
        redemption_id=world.redemptions["undone"],
        staff_id=staff.id,
        reason="other",
        now=now,
    )
    refunds.request(session, pass_id=world.passes["given-back"], cause="guest", now=now)


def _register(session: Session, world: World) -> None:
    """Have a till in every state, with names as long as they may be; the one that was switched off left a gap."""
    shop, now, name = session.get_one(Shop, world.shop), clock.now(), LONG_EN[: tills.LONGEST_NAME]
    make_till(session, shop, "staff", name="收" * tills.LONGEST_NAME)
    make_till(session, shop, "owner", name=name)
    old = make_till(session, shop, "owner", name=name)
    given = {"head": 3, "said_head": 5, "chain": "c", "cursor": 0, "app": "2026-07-01-abcdef0"}
    tills.hear(session, till_id=old.id, **given, now=now)
    tills.revoke(session, shop_id=shop.id, till_id=old.id, account_id=old.asked_by, now=now)


def _hold(session: Session, world: World) -> None:
    """Bind one pass to a phone that nobody here has, after all its free moves, and put one on paper."""
    terms = session.get_one(offers.Terms, session.get_one(offers.Offer, world.offers["long-zh"]).terms_id)
    made = {form: factories.make_pass(session, terms) for form in ("bound", "paper")}
    given = {"account_id": made["bound"].account_id, "now": clock.now()}
    for number in range(binding.FREE_MOVES + 1):
        device = factories.make_device(session, "guest", number)
        wish = {"pass_id": made["bound"].id, "device": device, "key": None, "recovery": None}
        binding.bind(session, **wish, **given)
    binding.print_pass(session, pass_id=made["paper"].id, key=None, **given)
    world.passes |= {form: one.id for form, one in made.items()}


def _arrive(session: Session, world: World) -> None:
    """Hang posters with the longest label; check people in, confirm one of them."""
    shop, listing = session.get_one(Shop, world.shop), session.get_one(Shop, world.listing)
    now, label = clock.now(), (LONG_ZH * 2)[: checkin.LABEL_LENGTH]
    poster = factories.make_poster(session, shop, label)
    gone = factories.make_poster(session, shop, "Door")
    checkin.rotate(session, shop_id=shop.id, poster_id=gone.id, now=now)
    other = factories.make_poster(session, listing, label)
    world.poster = poster.id
    world.doors = {"new": poster.code, "gone": gone.code, "again": other.code}
    seen = factories.make_visit(session, poster, "guest", at=now - timedelta(hours=5), bucket="far")
    staff = factories.make_account(session, "staff").id
    checkin.confirm(session, visit_id=seen.id, shop_id=shop.id, staff_id=staff, now=now)
    claimed = now - timedelta(minutes=50)
    fresh = factories.make_visit(session, other, "guest", bucket="here", claimed_at=claimed)
    world.visits = {"confirmed": seen.id, "open": fresh.id}
    factories.make_visit(session, poster, "stranger", bucket="near")
    factories.make_visit(session, poster, "passer-by")
    factories.make_visit(session, poster, "staff")
