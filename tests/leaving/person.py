"""Somebody who leaves a word of their own wherever the town lets people leave one."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.checklist.queries import requirements
from o2o.conflicts import strikes
from o2o.conflicts.models import Strike
from o2o.guests import rules as guests
from o2o.guests.models import Guest
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.menu_changes.models import MenuImport
from o2o.onboarding import rules as onboarding
from o2o.orders import queries as orders
from o2o.papers import rules as papers
from o2o.payouts import rules as payouts
from o2o.photos import rules as photos
from o2o.redemption import rules as till
from o2o.reports import rules as reports
from o2o.reviews import rules as reviews
from o2o.sanctions import rules as sanctions
from o2o.shops import rules as shops
from tests import factories
from tests.accounts.authenticator import Authenticator
from tests.accounts.doors import register
from tests.conflicts.town import quarrel
from tests.photos.pictures import scene, written
from tests.tills.phones import make_till

SEED = "KANARI7f3a"


def word(topic: str) -> str:
    """Make a word that nobody else writes."""
    return f"{SEED}{topic}"


def signed(topic: str) -> photos.Prepared:
    """Prepare a picture that says so in its metadata."""
    exif = Image.Exif()
    exif[0x010E] = word(f"exif{topic}")
    exif[0x013B] = word(f"artist{topic}")
    return photos.prepare(written(scene(), "JPEG", exif=exif, comment=word(f"comment{topic}").encode()))


class Person:
    """Joe: a guest of two shops, staff at one, owner of one, claimant of one; says something in each place."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.key = Authenticator()
        register(client, self.key)
        session = db.session
        self.id = session.scalars(select(Account.id)).one()
        session.rollback()
        self.prepared = {topic: signed(topic) for topic in ("review", "review2", "report", "licence")}
        for step in (self.name, self.guest, self.worker, self.owner, self.claimant, self.visitor):
            begin_write()
            step(session)
            session.commit()
        self.over_http()

    def name(self, session: Session) -> None:
        session.get_one(Account, self.id).handle = word("handle").lower()

    def guest(self, session: Session) -> None:
        shop = factories.make_shop(session, name="Noodles")
        self.boss = factories.make_role(session, shop, "boss", kind="owner").account_id
        terms = factories.make_terms(session, shop)
        order = factories.make_paid_order(session, terms, word("handle").lower(), quantity=2, key="a")
        now = clock.now()
        one, self.left = orders.passes_of(session, order.id)
        said: dict[str, Any] = {"account_id": self.id, "now": now}
        done = till.redeem(
            session, shop_id=shop.id, staff_id=self.boss, pass_id=one.id, quantity=1, nonce="n" * 16, now=now
        )
        proof = {"redemption_id": str(done.redemption_id)}
        first = word("draft") * 20
        row = reviews.write(
            session, rating=4, text=first, key="r", photos=[self.prepared["review"]], **said, **proof
        )
        self.shop, self.review, self.terms = shop.id, row.id, terms.id
        reviews.answer(session, is_kept=False, missing=word("missing"), **said, **proof)
        reviews.say(session, text=word("line"), key="l", **said, **proof)
        session.flush()
        reports.report(
            session,
            shop_id=shop.id,
            reason="closed",
            text=word("report"),
            key="p",
            photo=self.prepared["report"],
            **said,
        )
        guests.reckon(session, shop_id=shop.id, account_id=self.id)
        guests.agree(session, account_id=self.id, shop_id=shop.id, contact=word("contactold"), now=now)
        guests.agree(session, account_id=self.id, shop_id=shop.id, contact=word("contact"), now=now)
        key = session.scalars(select(Guest.key).where(Guest.account_id == self.id)).one()
        guests.add_note(session, shop_id=shop.id, key=key, staff_id=self.boss, text=word("note"), now=now)
        guests.look(session, shop_id=shop.id, staff_id=self.boss, account_ids=[self.id], what="card", now=now)
        self.fight(session, shop.id, terms)

    def fight(self, session: Session, shop_id: int, terms: Any) -> None:
        from o2o.shops.models import Shop

        shop, now = session.get_one(Shop, shop_id), clock.now()
        tills = [make_till(session, shop, "boss", name="Bar") for _ in range(2)]
        held = factories.make_pass(session, terms, word("handle").lower(), issued_at=now - timedelta(hours=1))
        (row,) = quarrel(session, tills, held, now)
        strike = session.scalars(select(Strike).where(Strike.conflict_id == row.id)).one()
        strikes.dispute(session, strike_id=strike.id, account_id=self.id, said=word("said"), now=now)

    def worker(self, session: Session) -> None:
        shop = factories.make_shop(session, name="Tea")
        factories.make_role(session, shop, "teaboss", kind="owner")
        token = shops.invite(session, shop_id=shop.id, kind="staff", name=word("invited"))
        shops.accept_invite(session, token=token, account_id=self.id)
        given = {"shop_id": shop.id, "account_id": self.id, "name": word("menu.csv"), "mode": "replace"}
        row = MenuImport(id="f" * 16, state="previewed", lines=[], faults=[], created_at=clock.now(), **given)
        row.seen_version = 0
        session.add(row)

    def owner(self, session: Session) -> None:
        shop, now = factories.make_shop(session, name="Cakes"), clock.now()
        factories.make_role(session, shop, word("handle").lower(), kind="owner", name=word("ownername"))
        payouts.set(
            session,
            shop_id=shop.id,
            account_id=self.id,
            kind="wallet",
            holder=word("holder"),
            bank="Alipay",
            number="13812345678",
            now=now,
        )
        operator = factories.make_account(session, "operator")
        operator.is_operator = True
        session.flush()
        step = sanctions.impose(
            session, shop_id=shop.id, step="warn", rule="R1", evidence="Seen twice.", by=operator.id, now=now
        )
        sanctions.appeal(
            session, shop_id=shop.id, sanction_id=step.id, by=self.id, words=word("appeal"), now=now
        )

    def claimant(self, session: Session) -> None:
        shop, now = factories.make_shop(session, name="Books", status="unclaimed"), clock.now()
        claim = onboarding.claim(session, shop_id=shop.id, account_id=self.id, now=now)
        wanted = next(row for row in requirements(session) if row.key == "licence")
        papers.hand_in(
            session,
            claim_id=claim.id,
            requirement_id=wanted.id,
            account_id=self.id,
            text=word("licence"),
            photo=self.prepared["licence"],
            expires_on=(now + timedelta(days=400)).date(),
            now=now,
        )
        claim.reason = word("claimreason")

    def visitor(self, session: Session) -> None:
        from o2o.shops.models import Shop

        poster = factories.make_poster(session, session.get_one(Shop, self.shop))
        factories.make_visit(session, poster, word("handle").lower())

    def over_http(self) -> None:
        """Say the rest as a browser does: search, label, edit, consent, a form that is sent twice."""
        client = self.client
        client.get("/", query_string={"q": word("search")})
        client.get("/suggest", query_string={"q": word("suggest")})
        begin_write()
        reviews.edit(
            db.session,
            account_id=self.id,
            review_id=self.review,
            rating=5,
            text=word("review") * 10,
            photos=[self.prepared["review2"]],
            now=clock.now(),
        )
        db.session.commit()
        from o2o.accounts.models import Passkey

        number = db.session.scalars(select(Passkey.id)).one()
        db.session.rollback()
        for label in ("labelold", "label"):
            assert client.post(f"/me/passkeys/{number}/name", data={"label": word(label)}).status_code == 303
        client.post("/me/consents", data={"purpose": "replies", "on": "1"})
        client.get("/sign-in", headers={"User-Agent": word("agent")})
