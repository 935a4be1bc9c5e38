"""Tills and holders for tests: a shop with offline tills, passes bound to phones, signed and chained entries.

`open_counter()` gives a shop; `counter.till("A")` a registered phone that writes its own ledger; `counter.sell()`
a pass with its holder's phone. Times are moments of the server; a till's own clock may be off by `skew`.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from o2o.claims import sync
from o2o.claims.entry import DOMAIN, FIELDS
from o2o.holders.models import DeviceKey
from o2o.kernel import clock, journal, tokens
from o2o.kernel.db import begin_write, db
from o2o.passes import queries as passes
from o2o.passes import rules as pass_rules
from o2o.passes.models import Pass
from o2o.shops.models import Shop
from o2o.tills.models import Till
from tests.factories import make_account, make_role, make_shop, make_terms
from tests.passes.phone import HolderPhone
from tests.tills.phones import Phone, make_phone, make_till

Entry = dict[str, Any]


def ago(**times: float) -> datetime:
    return clock.now() - timedelta(**times)


@dataclass
class Sold:
    """A pass as its holder has it: the phone, and the form it shows."""

    pass_id: str
    phone: HolderPhone
    token: bytes
    gen: int
    short_code: str

    def live(self, at: datetime) -> str:
        """Show the live code of a moment."""
        return self.phone.live(self.token, at)

    @property
    def bearer(self) -> str:
        """Show the printed code."""
        return passes.qr_text(self.token)


@dataclass
class TillPhone:
    """A till with its key and its ledger; what it writes it never forgets."""

    id: str
    shop: int
    staff: int
    phone: Phone
    skew: timedelta = timedelta()
    ledger: list[Entry] = field(default_factory=list)

    def redeem(self, sold: Sold, at: datetime, *, text: str | None = None, **more: Any) -> Entry:
        """Write down that a use was taken at a moment, by default of the live code."""
        given = {"text": sold.live(at) if text is None else text, "pass": sold.pass_id, "gen": sold.gen}
        return self.write({"act": "redeem", "quantity": 1, "drift": 0, **given, **more}, at)

    def annul(self, of: Entry | str, at: datetime, **more: Any) -> Entry:
        """Write down that an entry, or a redemption of the counter, is taken back."""
        target = of if isinstance(of, str) else of["claim_id"]
        pass_id = "" if isinstance(of, str) else of["pass"]
        return self.write({"act": "annul", "of": target, "pass": pass_id, "note": "mistake", **more}, at)

    def refuse(self, text: str, at: datetime, reason: str = "signature", **more: Any) -> Entry:
        """Write down a refusal."""
        return self.write({"act": "refuse", "text": text, "verdict": "refused", "reason": reason, **more}, at)

    def write(self, draft: Entry, at: datetime) -> Entry:
        """Append to the ledger: numbered, chained, signed."""
        before = self.ledger[-1] if self.ledger else None
        entry = {
            "claim_id": str(uuid.uuid4()),
            "seq": before["seq"] + 1 if before else 1,
            "prev": before["hash"] if before else "",
            "till": self.id,
            "shop": self.shop,
            "staff": self.staff,
            "pass": "",
            "gen": 0,
            "quantity": 0,
            "text": "",
            "verdict": "ok",
            "reason": "",
            "at": clock.millis(at + self.skew),
            "offset": -(self.skew // timedelta(milliseconds=1)),
            "drift": None,
            "list": 1,
            "list_age": 60,
            "mode": "offline",
            "of": "",
            "note": "",
            "app": "test",
            **draft,
        }
        self.ledger.append(self.sign(entry))
        return self.ledger[-1]

    def sign(self, entry: Entry) -> Entry:
        """Hash and sign an entry as it is, over whatever stood there."""
        text = json.dumps([entry[name] for name in FIELDS], ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
        signature = tokens.sign(self.phone.key, DOMAIN, digest.digest())
        return {**entry, "hash": digest.hexdigest(), "signature": signature.hex()}


@dataclass
class Counter:
    """A shop with staff, an owner, and what it sells."""

    shop: int
    staff: int
    terms: int
    uses: int
    sold: int = 0

    def till(self, name: str = "A", *, state: str = "active", skew: timedelta = timedelta()) -> TillPhone:
        """Register a phone; an owner's is active at once, staff's waits."""
        begin_write()
        phone = make_phone()
        who = "staff" if state == "waiting" else "owner"
        row = make_till(db.session, db.session.get_one(Shop, self.shop), who, phone=phone, name=name)
        till = TillPhone(row.id, self.shop, self.staff, phone, skew)
        db.session.commit()
        return till

    def sell(self, handle: str = "guest", *, bound: bool = True, issued_at: datetime | None = None) -> Sold:
        """Issue a pass; bound to a phone of its own unless told otherwise."""
        from o2o.offers.models import Terms

        begin_write()
        self.sold += 1
        terms = db.session.get_one(Terms, self.terms)
        account = make_account(db.session, handle)
        phone = HolderPhone(self.shop * 10_000 + self.sold)
        at = issued_at or clock.now() - timedelta(days=5)
        device = None
        if bound:
            device = DeviceKey(account_id=account.id, x=phone.x.hex(), y=phone.y.hex(), created_at=at)
            db.session.add(device)
            db.session.flush()
        given = {"account_id": account.id, "terms": terms, "paid": terms.price, "issued_at": at}
        sold = shape(pass_rules.issue(db.session, device=device, **given), phone)
        db.session.commit()
        return sold

    def rebind(self, sold: Sold, at: datetime) -> Sold:
        """Move a pass to another phone."""
        begin_write()
        self.sold += 1
        phone = HolderPhone(self.shop * 10_000 + self.sold)
        account_id = db.session.get_one(Pass, sold.pass_id).account_id
        device = DeviceKey(account_id=account_id, x=phone.x.hex(), y=phone.y.hex(), created_at=at)
        db.session.add(device)
        db.session.flush()
        row = pass_rules.reform(
            db.session, pass_id=sold.pass_id, form="bound", device=device, why="bind", now=at
        )
        moved = shape(row, phone)
        db.session.commit()
        return moved


def shape(row: Pass, phone: HolderPhone) -> Sold:
    """Copy what a holder has of a pass."""
    return Sold(row.id, phone, row.token, row.gen, row.short_code)


def open_counter(uses: int = 1, price: int = 3800, **terms: Any) -> Counter:
    """Open a shop with an owner and a member of staff, and one offer."""
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", kind="owner")
    staff = make_role(db.session, shop, "staff", name="阿明").account_id
    row = make_terms(db.session, shop, uses=uses, price=price, **terms)
    counter = Counter(shop.id, staff, row.id, uses)
    db.session.commit()
    return counter


def send(
    till: TillPhone,
    entries: Iterable[Any],
    *,
    now: datetime | None = None,
    session: Session | None = None,
    **more: Any,
) -> list[dict[str, Any]]:
    """Sync a batch as the view does, and deliver what came of it; return the verdicts."""
    session = session or db.session
    batch = list(entries)
    row = session.get_one(Till, till.id)
    given = {
        "account_id": till.staff,
        "entries": batch,
        "head": till.ledger[-1]["seq"] if till.ledger else 0,
        "cursor": 0,
        "app": "test",
        "now": now or clock.now(),
    }
    verdicts = sync.receive(session, till=row, **{**given, **more})
    session.commit()
    journal.deliver(session)
    return verdicts
