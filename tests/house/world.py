"""Two tenants and everybody around them, for the access matrix and the fuzzing."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts import rules as accounts
from o2o.accounts.models import Login
from o2o.branches import rules as branches
from o2o.checklist import queries as asked
from o2o.checklist.rules import ensure
from o2o.conflicts.models import Strike
from o2o.guests import rules as guests
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write
from o2o.offers.models import Terms
from o2o.onboarding import queries as claims
from o2o.papers import rules as papers
from o2o.redemption import rules as redemption
from o2o.shops import rules as shops
from o2o.shops.models import Invite, Role, Shop
from tests import factories
from tests.conflicts.town import quarrel
from tests.house import snapshot
from tests.menus.town import make_menu
from tests.tills.phones import make_till
from tests.visitor import Visitor

# Who holds what of each tenant; "all" may see that tenant's private words.
HOLDERS: dict[str, dict[str, Any]] = {
    "A": {
        "guest": "guest",
        "desk": ("staff", "manager", "owner"),
        "staff": ("staff", "manager", "owner"),
        "manager": ("manager", "owner"),
        "preparer": ("manager", "owner"),
        "owner": ("owner",),
        "all": ("guest", "staff", "manager", "owner"),
    },
    "B": {
        "guest": "stranger",
        **dict.fromkeys(("desk", "staff", "manager", "preparer", "owner"), ("other_owner",)),
        "all": ("stranger", "other_owner"),
    },
    "missing": {"guest": "", **dict.fromkeys(("desk", "staff", "manager", "preparer", "owner", "all"), ())},
}
CANARIES = {
    side: tuple(
        f"CANARY-{word}-{side}" for word in ("STAFF", "INVITE", "MISSING", "LINE", "TILL", "GUEST", "PAPER")
    )
    for side in "AB"
}
PEOPLE = {"A": ("guest", "staff", "owner"), "B": ("stranger", "", "other_owner")}


def build_world(session: Session) -> dict[str, dict[str, Any]]:
    """Give both tenants with everything an address can name; return the arguments per tenant."""
    things = snapshot.put_back(session)
    if things is None:
        things = _build(session)
        # What followed from the building is over, so that a request's own doing can be told apart.
        journal.deliver(session)
        snapshot.keep(session, things)
    return things


def _build(session: Session) -> dict[str, dict[str, Any]]:
    begin_write(session)
    things = {side: _tenant(session, side) for side in ("A", "B")}
    for handle in ("guest", "stranger", "staff", "manager", "owner", "other_owner", "former"):
        factories.make_account(session, handle)
    operator = accounts.create_account(session, handle="operator", operator=True)
    assert operator.is_operator
    session.commit()
    things["missing"] = {
        **dict.fromkeys(
            (
                "shop",
                "shop_id",
                "offer",
                "offer_id",
                "role",
                "invite",
                "passkey_id",
                "poster",
                "picture",
                "review",
                "strike",
                "strike_id",
                "sanction",
                "note",
            ),
            987654,
        ),
        **dict.fromkeys(
            (
                "visit_id",
                "arrival_id",
                "code",
                "order_id",
                "pass_id",
                "redemption_id",
                "login_id",
                "digest",
                "till_id",
                "conflict_id",
            ),
            "f" * 16,
        ),
        **{
            "token": "nobody-made-this",
            "ref": "nobody-made-this",
            "provider": "gold",
            "part": "shops-77",
            "guide_id": 987654,
            "report_id": 987654,
            "shared_id": 987654,
            "what": "pause",
            "line": "own-nobody",
            "claim": 987654,
            "guest": "f" * 16,
            "menu_line": 987654,
            "menu_import": "f" * 16,
            "photo_id": "f" * 16,
            "size": "l",
            "z": 30,
            "x": 0,
            "y": 0,
        },
    }
    return things


def _tenant(session: Session, side: str) -> dict[str, Any]:
    guest, staff, owner = PEOPLE[side]
    shop = factories.make_shop(session, name=f"Shop {side}")
    factories.make_role(session, shop, owner, kind="owner", name=f"CANARY-STAFF-{side}")
    if staff:
        factories.make_role(session, shop, staff)
        factories.make_role(session, shop, "manager", kind="manager")
        factories.make_role(session, shop, "former", kind="manager").ended_at = clock.now()
    terms = factories.make_terms(session, shop)
    held = factories.make_paid_order(session, terms, guest, key=f"order-{side}")
    token = shops.invite(session, shop_id=shop.id, kind="staff", name=f"CANARY-INVITE-{side}")
    from o2o.orders import queries as orders

    passes = orders.passes_of(session, held.id)
    worker = factories.make_account(session, owner)
    answer = redemption.redeem(
        session,
        shop_id=shop.id,
        staff_id=worker.id,
        text=passes[0].short_code,
        quantity=1,
        nonce=f"nonce-of-{side}-0001",
        now=held.paid_at or held.created_at,
    )
    fought = _fight(session, terms, guest, owner, side)
    poster = factories.make_poster(session, shop)
    visit = factories.make_visit(session, poster, guest)
    review = factories.make_voice(session, str(answer.redemption_id), guest, side)
    till = make_till(session, shop, staff or owner, name=f"CANARY-TILL-{side}")
    annex = factories.make_shop(session, name=f"Annex {side}", status="claimed")
    factories.make_role(session, annex, owner, kind="owner")
    return {
        "shared_id": share_offer(session, terms, annex, owner),
        "what": "pause",
        "annex": annex.id,
        **make_known(session, shop, guest, worker.id, side),
        **make_paper(session, shop, worker.id, side),
        **make_menu(session, shop, worker.id, side),
        "till_id": till.id,
        "sanction": factories.make_sanction(session, shop, f"CANARY-STAFF-{side}").id,
        "shop": shop.id,
        "shop_id": shop.id,
        "offer": terms.offer_id,
        "offer_id": terms.offer_id,
        "role": session.scalars(select(Role.id).where(Role.shop_id == shop.id)).first(),
        "invite": session.scalars(select(Invite.id).where(Invite.shop_id == shop.id)).one(),
        "order_id": held.id,
        "pass_id": passes[0].id,
        "redemption_id": answer.redemption_id,
        **fought,
        "poster": poster.id,
        "code": poster.code,
        "visit_id": visit.id,
        "arrival_id": visit.id,
        "review": review.id,
        "token": token,
        "passkey_id": 987_654,
        "login_id": "f" * 16,
        "ref": f"ref-{held.id}",
        "provider": "sandbox",
        "part": "shops-1",
        "report_id": factories.make_report(session, shop, guest).id,
        "photo_id": factories.make_photo(session, shop, guest).id,
        "picture": factories.make_picture(session, shop, owner).id,
        "size": "s",
        "guide_id": factories.make_guide(session, shop, is_public=side == "A").id,
        "digest": "0" * 12,
        "z": 15,
        "x": 26970,
        "y": 12420,
    }


def make_paper(session: Session, shop: Shop, owner_id: int, side: str) -> dict[str, Any]:
    """Let the owner of an admitted shop say who they are."""
    ensure(session)
    claim, row = claims.claim_of(session, shop.id), asked.requirement(session, "identity")
    assert claim is not None
    said = {"requirement_id": row.id, "account_id": owner_id, "text": f"CANARY-PAPER-{side}"}
    papers.hand_in(session, claim_id=claim.id, **said, now=clock.now())
    return {"line": row.key, "claim": claim.id}


def make_known(session: Session, shop: Shop, handle: str, staff_id: int, side: str) -> dict[str, Any]:
    """Let a shop know its guest, with a note and a contact."""
    account_id, now = factories.make_account(session, handle).id, clock.now()
    met = guests.reckon(session, shop_id=shop.id, account_id=account_id)
    assert met is not None
    guests.agree(session, account_id=account_id, shop_id=shop.id, contact=f"CANARY-GUEST-{side}", now=now)
    given = {"shop_id": shop.id, "key": met.key, "staff_id": staff_id, "now": now}
    note = guests.add_note(session, text=f"CANARY-GUEST-{side}", **given)
    return {"guest": met.key, "note": note.id}


def share_offer(session: Session, terms: Terms, annex: Shop, owner: str) -> int:
    """Let the owner's two shops carry the same offer."""
    given = {"account_id": factories.make_account(session, owner).id, "now": clock.now()}
    branches.join(session, shop_id=terms.shop_id, other_id=annex.id, **given)
    return branches.share(
        session, shop_id=terms.shop_id, offer_id=terms.offer_id, with_ids=[annex.id], **given
    ).id


def _fight(session: Session, terms: Terms, guest: str, owner: str, side: str) -> dict[str, Any]:
    """Have two offline tills take one pass: a conflict, and a strike for the guest."""
    shop, now = session.get_one(Shop, terms.shop_id), clock.now()
    tills = [make_till(session, shop, owner, name=f"CANARY-STAFF-{side}") for _ in range(2)]
    held = factories.make_pass(session, terms, guest, issued_at=now - timedelta(hours=1))
    (row,) = quarrel(session, tills, held, now)
    strike = session.scalars(select(Strike.id).where(Strike.conflict_id == row.id)).one()
    return {"conflict_id": row.id, "strike_id": strike, "strike": strike}


def clients(app: Flask, things: dict[str, dict[str, Any]]) -> dict[str, Visitor]:
    """Sign everybody in, and name the guests' logins in `things`."""
    visitors = {"anonymous": Visitor(app, app.response_class)}
    for role in ("guest", "stranger", "staff", "manager", "owner", "other_owner", "former", "operator"):
        visitors[role] = Visitor(app, app.response_class)
        visitors[role].sign_in(role)
    from o2o.accounts.queries import account_by_handle
    from o2o.kernel.db import db

    for side, handle in (("A", "guest"), ("B", "stranger")):
        account = account_by_handle(db.session, handle)
        assert account is not None
        login = db.session.scalars(select(Login).where(Login.account_id == account.id)).first()
        assert login is not None
        things[side]["login_id"] = login.public_id
    db.session.rollback()
    return visitors
