"""What was typed into a form that asks for a fresh sign-in is there again behind the wall, for its writer alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.accounts import kept
from o2o.accounts.models import Account, Challenge
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Busy
from o2o.leaving.models import Closing
from o2o.payouts import rules as payouts
from o2o.payouts.models import Payout
from o2o.shops.models import Invite, Role
from tests.accounts.authenticator import Authenticator
from tests.accounts.doors import other, post_json, register
from tests.factories import make_account, make_role, make_shop
from tests.visitor import Visitor

LATER = timedelta(minutes=6)
CANARY = "6222020000071842"


@dataclass
class Typed:
    """A form, the page it stands on, what somebody types, and what it makes."""

    page: str
    action: str
    fields: dict[str, str]
    made: Callable[[], int]
    who: str = "owner"


def rows(model: type) -> Callable[[], int]:
    def count() -> int:
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(model)) or 0

    return count


CARD = {"kind": "wallet", "holder": "五味咖啡 <b>", "bank": "Wallet", "number": CANARY}
FORMS = [
    Typed("payout", "payout", CARD, rows(Payout)),
    Typed(
        "staff",
        "staff/invites",
        {"idempotency_key": "k" * 16, "kind": "manager", "name": "小王"},
        rows(Invite),
    ),
    Typed("leave", "close", {"days": "71", "sure": "y"}, rows(Closing)),
    Typed(
        "/operator/listings/%d",
        "/operator/listings/%d/owners",
        {"idempotency_key": "l" * 16, "handle": "somebody"},
        rows(Role),
        who="operator",
    ),
]


class Filled(HTMLParser):
    """What a page's form would send: the fields of the form that posts to this address."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.action, self.is_inside, self.fields = action, False, dict[str, str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.is_inside = given.get("action") == self.action
        is_chosen = given.get("type") not in ("radio", "checkbox") or "checked" in given
        if tag == "input" and self.is_inside and is_chosen:
            self.fields[given["name"] or ""] = given.get("value") or ""


@dataclass
class Owner:
    """Somebody with a passkey and a shop, whose sign-in grows old."""

    client: Visitor
    shop: int
    key: Authenticator = field(default_factory=Authenticator)

    def at(self, path: str) -> str:
        return path % self.shop if path.startswith("/") else f"/console/{self.shop}/{path}"

    def confirm(self, target: str) -> str:
        """Confirm with the passkey; return where one is sent."""
        options = post_json(self.client, "/sign-in/passkey/options").get_json()
        answer = {"credential": self.key.get(options)}
        found: str = post_json(self.client, f"/sign-in/passkey?next={target}", answer).get_json()["location"]
        return found

    def refused(self, form: Typed = FORMS[0], **headers: str) -> str:
        """Press the form's button too late; return the page that holds what was typed."""
        self.client.get(self.at(form.page))
        answer = self.client.post(self.at(form.action), data=form.fields, headers=headers)
        where = answer.headers.get("HX-Redirect") or answer.location
        assert where.startswith("/sign-in?")
        return parse_qs(urlsplit(where).query)["next"][0]


def arrive(app: Flask, handle: str) -> Owner:
    client = other(app)
    client.sign_in(handle)
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner")
    make_role(db.session, shop, "partner", "owner")
    make_account(db.session, "somebody")
    db.session.commit()
    owner = Owner(client, shop.id)
    register(client, owner.key, door="/me/passkeys")
    return owner


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.location
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
@pytest.mark.parametrize("form", FORMS, ids=[form.action for form in FORMS])
def test_what_was_typed_stands_there_again(app: Flask, form: Typed, headers: dict[str, str]) -> None:
    owner = arrive(app, form.who)
    before = form.made()
    with time_machine.travel(clock.now() + LATER):
        page = owner.refused(form, **headers)
        assert page.startswith(f"{owner.at(form.page)}?kept=")
        wall = text(owner.client, f"/sign-in?fresh=1&next={page}")
        assert "what you typed is kept" in wall
        assert not any(one in wall for one in form.fields.values() if len(one) > 9)
        assert owner.confirm(page) == page
        for _look in range(2):  # a look is no press, and can be taken again
            behind = text(owner.client, page)
            assert "This is what you typed" in behind
            filled = Filled(behind, owner.at(form.action)).fields
            assert filled == form.fields
            assert form.made() == before
        for _twice in range(2):
            answer = owner.client.post(owner.at(form.action), data=filled, headers=headers)
            assert answer.status_code in (204, 303), answer.get_data(as_text=True)
            assert form.made() == before + 1
        assert rows(Challenge)() == 0
        assert "This is what you typed" not in text(owner.client, page)


def test_erasing_is_asked_for_once_more_with_its_tick(app: Flask) -> None:
    owner = arrive(app, "owner")
    with time_machine.travel(clock.now() + LATER):
        answer = owner.client.post("/me/erase", data={"sure": "y"})
        page = parse_qs(urlsplit(answer.location).query)["next"][0]
        # Going back without confirming loses nothing either: the page's own way to the wall leads here again.
        assert f"next={page.replace('?', '%3F').replace('=', '%3D')}" in text(owner.client, page)
        owner.confirm(page)
        filled = Filled(text(owner.client, page), "/me/erase").fields
        assert filled == {"sure": "y"}
        assert owner.client.post("/me/erase", data=filled).location == "/"
    assert rows(Challenge)() == 0
    assert db.session.scalar(select(Account.handle).where(Account.handle == "owner")) is None


# One button with nothing typed, or a script's own call: these lead back to their page.
NOTHING_TYPED = {
    "refunds.ask", "shops_console.withdraw", "shops_console.change", "shops_console.end",
    "shops_operator.withdraw", "onboarding_operator.open_claim", "onboarding_operator.invite",
    "recovery.new_key", "recovery.new_codes", "accounts.passkey_options", "accounts.add_passkey",
    "accounts.remove_passkey", "parcel_console.export", "admission_operator.approve",
}  # fmt: skip


def test_no_form_behind_the_wall_is_forgotten(app: Flask) -> None:
    """A new form that asks for a fresh sign-in says where it is filled in again, or has nothing to fill in."""
    behind, there = set(), set()
    for rule in app.url_map.iter_rules():
        policy = app.extensions["o2o.policies"][rule.endpoint]
        if policy.fresh is not None and "POST" in (rule.methods or ()):
            behind.add(rule.endpoint)
            there |= {rule.endpoint} if policy.refill else set()
    assert behind - there == NOTHING_TYPED
    assert len(there) == len(FORMS) + 1


def test_a_role_and_a_claim_are_asked_for_on_their_own_pages(app: Flask) -> None:
    owner = arrive(app, "owner")
    with time_machine.travel(clock.now() + LATER):
        page = f"/console/{owner.shop}/staff"
        sent = owner.client.post(
            f"{page}/1/change", data={"kind": "manager"}, headers={"Referer": f"http://localhost{page}"}
        )
        assert sent.location == f"/sign-in?next={page}&fresh=1&asked=1"
        wall = text(owner.client, sent.location)
        assert "Nothing was sent yet. Confirm" in wall
        assert owner.confirm(page) == page
        operator = other(app)
        operator.sign_in("operator")
    with time_machine.travel(clock.now() + 2 * LATER):
        asked = operator.post(
            "/operator/claims/1/approve", headers={"Referer": "http://localhost/operator/claims/1"}
        )
        assert asked.location == "/sign-in?next=/operator/claims/1&fresh=1&asked=1"
    assert rows(Challenge)() == 0


def test_nobody_else_reads_it(app: Flask) -> None:
    """Not another owner of the same shop, on whichever phone; not the same person elsewhere; not the database."""
    owner = arrive(app, "owner")
    with time_machine.travel(clock.now() + LATER):
        page = owner.refused()
        row = db.session.scalars(select(Challenge)).one()
        for secret in (CANARY, "五味", "wallet"):
            assert secret.encode() not in row.challenge + (row.user_handle or b"")
        assert CANARY not in owner.client.get("/me/export").get_data(as_text=True)
        partner, elsewhere, wrong = other(app), other(app), other(app)
        partner.sign_in("partner")
        elsewhere.sign_in("owner")
        wrong.set_cookie("o2o", "".join(reversed(owner.client.get_cookie("o2o").value)))  # type: ignore[union-attr]
        for someone in (partner, elsewhere):
            assert CANARY not in text(someone, page)
        assert wrong.get(page).location.startswith("/sign-in?")
        # The same browser, after somebody else signed in with it: its half of the seal alone opens nothing.
        owner.client.sign_in("partner")
        assert CANARY not in text(owner.client, page)
        assert "This is what you typed" not in text(owner.client, page)
        owner.client.sign_in("owner")
        assert CANARY in text(owner.client, page)
        assert CANARY not in text(owner.client, page.replace("payout", "staff"))
        for nothing in ("", "0" * 32, "%00", "é", page[-32:].upper(), page[-32:] + "0"):
            assert CANARY not in text(owner.client, f"{page[:-32]}{nothing}")
        owner.client.post("/sign-out")
        owner.client.sign_in("owner")
        assert CANARY not in text(owner.client, page)


def test_it_is_kept_for_ten_minutes(app: Flask) -> None:
    owner, start = arrive(app, "owner"), clock.now() + LATER
    with time_machine.travel(start, tick=False):
        page = owner.refused()
    with time_machine.travel(start + kept.LIFE - timedelta(seconds=1), tick=False):
        owner.confirm(page)
        assert CANARY in text(owner.client, page)
    with time_machine.travel(start + kept.LIFE, tick=False):
        assert CANARY not in text(owner.client, page)
        assert "what you typed is kept" not in text(owner.client, f"/sign-in?fresh=1&next={page}")


def test_what_is_too_much_is_not_kept_and_nobody_says_so(app: Flask) -> None:
    owner = arrive(app, "owner")
    with time_machine.travel(clock.now() + LATER):
        for fields in ({"holder": "x" * kept.MOST_LETTERS}, {f"f{number}": "" for number in range(41)}, {}):
            answer = owner.client.post(owner.at("payout"), data=fields)
            assert answer.location == f"/sign-in?next={owner.at('payout')}&fresh=1&asked=1"
            assert "is kept" not in text(owner.client, answer.location)
        assert rows(Challenge)() == 0
        start = clock.now()
        pages = []
        for number in range(kept.MOST_FORMS + 1):
            with time_machine.travel(start + timedelta(seconds=number), tick=False):
                pages.append(owner.refused())
        assert rows(Challenge)() == kept.MOST_FORMS
        owner.confirm("/me")
        assert [CANARY in text(owner.client, page) for page in pages] == [False] + [True] * kept.MOST_FORMS


def test_a_busy_town_still_holds_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = arrive(app, "owner")

    def busy(*given: object, **named: object) -> None:
        raise Busy

    with time_machine.travel(clock.now() + LATER):
        page = owner.refused()
        owner.confirm(page)
        with monkeypatch.context() as patched:
            patched.setattr(payouts, "set", busy)
            assert owner.client.post(owner.at("payout"), data=CARD).status_code == 503
        assert CANARY in text(owner.client, page)
        assert owner.client.post(owner.at("payout"), data=CARD).status_code == 303
    assert rows(Payout)() == 1
