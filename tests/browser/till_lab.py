"""The till's real modules in a browser, under the site's policy: what the tests of verdicts and of sync begin with."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import BrowserContext, Page

from o2o.passes.token import Token, qr_text, sign_token
from tests.browser.conftest import Phone, Town
from tests.passes.phone import HolderPhone

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
# A Friday noon in Berlin, in the middle of a proof's step.
NOW = 1_795_172_415_000
MOMENT = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=NOW)
STEP = NOW // 30_000
SHOP, TERMS, PASS = 42, 7, "00112233445566aa"
ISSUERS = {kid: ec.derive_private_key(20_261_122 + kid, ec.SECP256R1()) for kid in (1, 2)}
PHONE = HolderPhone(1)
RULES = {
    "bearer_offline": True,
    "most_claims": 50,
    "most_each": 20_000,
    "most_total": 200_000,
    "fresh_age": 86_400,
    "last_age": 259_200,
    "floor": 0,
}
LOAD = """async (folder) => {
    for (const name of ["store", "ledger", "verdict", "sync"]) window[name] = await import(`${folder}/till-${name}.js`);
}"""
MAKE_TILL = """async (till) => {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    await window.store.put("till", { ...till, pair });
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    return Array.from(raw);
}"""
APPEND = """async ([draft, own, count]) => {
    const rows = [];
    for (let number = 0; number < count; number++) rows.push(await window.ledger.append(draft, own));
    return rows.map(({ claim_id, seq }) => ({ claim_id, seq }));
}"""
JUDGE = """async (cases) => {
    const answers = [];
    for (const { text, quantity, clock, local, world } of JSON.parse(cases)) {
        const passes = new Map();
        for (const [id, known] of Object.entries(world.passes)) {
            passes.set(id, { ...known, steps: new Map(known.steps) });
        }
        const now = { ...world, passes, clock: window.verdict.clockOf(clock, local) };
        answers.push(await window.verdict.judge(text, quantity, now));
    }
    return JSON.stringify(answers);
}"""
OLD = NOW // MINUTE - 5_000
CODE = "0123456789AB"


def key_line(kid: int, state: str = "signing") -> dict[str, Any]:
    """Give an issuer's key as tills are told it."""
    point = ISSUERS[kid].public_key().public_numbers()
    return {"kid": kid, "x": f"{point.x:064x}", "y": f"{point.y:064x}", "state": state}


def terms(**changed: Any) -> dict[str, Any]:
    """Give terms as tills are told them."""
    plain = {
        "id": TERMS,
        "title": "Tea for two",
        "contents": [],
        "notes": "",
        "weekdays": 127,
        "from_minute": None,
        "to_minute": None,
    }
    return plain | changed


def lists(**changed: Any) -> dict[str, Any]:
    """Give lists that were fetched this minute and know of nothing bad."""
    plain = {
        "cursor": 1,
        "at": NOW,
        "keys": {"1": key_line(1)},
        "terms": {str(TERMS): terms()},
        "revoked": {},
        "superseded": {},
        "used": {},
        "codes": {},
        "annulled": {},
        "conflicts": {},
        "shops": {},
        "roster": [],
        "rules": RULES,
        "timezone": "Europe/Berlin",
    }
    return plain | changed


@dataclass
class Scan:
    """A code and the till that looks at it; `clock` is what the till remembers of the server's time."""

    token: dict[str, Any] = field(default_factory=dict)
    form: str = "live"
    step: int = STEP
    signer: int = 1
    holder: HolderPhone = PHONE
    lists: dict[str, Any] | None = field(default_factory=lists)
    clock: dict[str, int] = field(default_factory=lambda: {"offset": 0, "at": NOW, "seen": NOW})
    local: int = NOW
    quantity: int = 1
    passes: dict[str, Any] = field(default_factory=dict)
    claims: int = 0
    value: int = 0
    typed: str = ""
    bent: Callable[[str], str] = str

    @property
    def bearer(self) -> bool:
        return self.form == "bearer"

    @property
    def text(self) -> str:
        """Sign the token and show it."""
        if self.typed:
            return self.typed
        minute = NOW // MINUTE
        plain: dict[str, Any] = {
            "kid": 1,
            "pass_id": PASS,
            "terms_id": TERMS,
            "scope_id": SHOP,
            "not_before": minute - 1000,
            "expires": minute + 10_000,
            "uses": 1,
            "value": 1250,
        }
        device = {} if self.bearer else {"device": PHONE.x, "parity": PHONE.parity}
        signed = sign_token(Token(**plain | device | self.token), ISSUERS[self.signer])
        return self.bent(self.holder.live(signed, self.step) if self.form == "live" else qr_text(signed))

    def wire(self) -> dict[str, Any]:
        """Give it as the page asks for it."""
        return {
            "text": self.text,
            "quantity": self.quantity,
            "clock": self.clock,
            "local": self.local,
            "world": {
                "shop": SHOP,
                "lists": self.lists,
                "claims": self.claims,
                "value": self.value,
                "passes": self.passes,
            },
        }


def open_lab(phone: Callable[..., Phone], town: Town) -> Page:
    """Open a page of the site with the till's modules on it; no service worker hides requests from the test."""
    page = phone(town, service_workers="block").page
    load(page, town)
    return page


def another_tab(context: BrowserContext, town: Town) -> Page:
    """Open the same on another tab."""
    page = context.new_page()
    load(page, town)
    return page


def load(page: Page, town: Town) -> None:
    """Load the modules as the till does."""
    answer = page.goto("/display")
    assert answer is not None
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    page.evaluate(LOAD, f"/static/{town.app.config['BUILD']}/js")


def make_till(page: Page) -> ec.EllipticCurvePublicKey:
    """Make this browser a till; returns its public key."""
    raw = page.evaluate(MAKE_TILL, {"id": "aabbccddeeff0011", "shop": SHOP, "name": "Bar", "state": "active"})
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes(raw))


def append(
    page: Page, count: int = 1, own: dict[str, Any] | None = None, **changed: Any
) -> list[dict[str, Any]]:
    """Have the till write entries down; returns their claim ids and seqs."""
    draft = {
        "act": "redeem",
        "text": "123456",
        "quantity": 1,
        "verdict": "ok",
        "reason": "ok",
        "mode": "offline",
        "pass": PASS,
        "staff": 7,
        "at": NOW,
        "offset": -250,
        "list": 1,
        "list_age": 60,
        "app": "lab",
    }
    memo = {"kind": "live", "step": None, "value": 1250, "until": NOW + DAY, "title": "Tea", "uses": 1}
    rows: list[dict[str, Any]] = page.evaluate(APPEND, [draft | changed, memo | (own or {}), count])
    return rows


def judge(page: Page, *scans: Scan) -> list[dict[str, Any]]:
    """Ask the till about many scans in one go."""
    answers: list[dict[str, Any]] = json.loads(
        page.evaluate(JUDGE, json.dumps([scan.wire() for scan in scans]))
    )
    assert len(answers) == len(scans)
    return answers


def reasons(page: Page, *scans: Scan) -> list[str]:
    return [answer["reason"] for answer in judge(page, *scans)]


def known(used: int, *, unsent: int = 0, steps: tuple[int, ...] = ()) -> dict[str, Any]:
    """Give what the till's own ledger says of a pass."""
    row = {"at": NOW - HOUR, "offset": 0, "staff": 7, "own": {"step": None}}
    return {"used": used, "unsent": unsent, "last": row, "steps": [[step, row] for step in steps]}


def typed_row(**changed: Any) -> list[Any]:
    """Give a live pass's line in the list of codes."""
    line = {
        "pass": PASS, "gen": 0, "terms": TERMS, "from": OLD, "to": NOW // MINUTE + 9_000,
        "uses": 1, "value": 1250, "flags": 0,
    }  # fmt: skip
    return list((line | changed).values())
