"""Who works at a shop: invitations, roles given and ended."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from o2o.kernel import actor, clock, journal
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.shops import queries
from o2o.shops.models import KINDS, ROLES, Invite, Role, Shop

INVITE_LIFE = timedelta(days=7)
MOST_INVITES = 20
LONGEST_NAME = 40


def invite(session: Session, *, shop_id: int, kind: str, name: str = "") -> str:
    """Make a one-time invitation of INVITE_LIFE and return its token, which only its digest outlives."""
    if kind not in KINDS:
        raise ValueError(kind)
    if len(name) > LONGEST_NAME:
        sentence = N_("Keep the name within %(most)s characters.")
        raise RuleBroken("name_long", sentence, status=422, field="name", most=LONGEST_NAME)
    queries.shop(session, shop_id, lock=True, behind=True)
    if len(queries.open_invites(session, shop_id)) >= MOST_INVITES:
        raise RuleBroken("many_invites", N_("Too many open invitations. Withdraw some first."))
    token = secrets.token_urlsafe(24)
    now = clock.now()
    row = Invite(
        digest=digest(token),
        shop_id=shop_id,
        kind=kind,
        name=name.strip(),
        created_by=actor.current().label,
        created_at=now,
        expires_at=now + INVITE_LIFE,
    )
    session.add(row)
    session.flush()
    return token


def accept_invite(session: Session, *, token: str, account_id: int) -> Role:
    """Give the invited role: spends the invitation, claims the listing for an owner, records role.given.

    The same person accepting again gets the same role. RuleBroken invite_over (410) when it is unknown, used,
    withdrawn or expired, and already_there (409) when nothing would change.
    """
    found = session.scalar(select(Invite).where(Invite.digest == digest(token)))
    if found is None:
        raise invite_over()
    shop = queries.shop(session, found.shop_id, lock=True, behind=True)
    held = _live_role(session, shop.id, account_id)
    session.refresh(found)
    if found.used_by == account_id and held is not None:
        return held
    if held is not None and KINDS.index(held.kind) >= KINDS.index(found.kind):
        sentence = N_("You already work here. Pass the invitation on to the person it is for.")
        raise RuleBroken("already_there", sentence)
    now = clock.now()
    spend = (
        update(Invite)
        .where(Invite.id == found.id, Invite.used_at.is_(None), Invite.withdrawn_at.is_(None))
        .where(Invite.expires_at > now)
        .values(used_at=now, used_by=account_id)
    )
    if not session.execute(spend).rowcount:  # type: ignore[attr-defined]
        raise invite_over()
    if held is not None:
        held.ended_at = now
        session.flush()
    return give_role(session, shop=shop, account_id=account_id, kind=found.kind, name=found.name)


def give_role(session: Session, *, shop: Shop, account_id: int, kind: str, name: str = "") -> Role:
    """Write the role, claim the listing for its first owner, record role.given and shop.changed."""
    role = Role(
        shop_id=shop.id,
        account_id=account_id,
        kind=kind,
        name=name,
        created_at=clock.now(),
        created_by=actor.current().label,
    )
    session.add(role)
    if kind == "owner" and shop.status in ("unclaimed", "proposed"):
        shop.status = "claimed"
        shop.version += 1
        shop.updated_at = clock.now()
        journal.record(session, "shop.changed", shop_id=shop.id)
    journal.record(session, "role.given", shop_id=shop.id, account_id=account_id)
    return role


def make_owner(session: Session, *, shop_id: int, account_id: int) -> Role:
    """Give a listing to an account at once, without an invitation; twice is the same as once."""
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    held = _live_role(session, shop_id, account_id)
    if held is not None and held.kind == "owner":
        return held
    if held is not None:
        held.ended_at = clock.now()
        session.flush()
    return give_role(session, shop=shop, account_id=account_id, kind="owner", name=held.name if held else "")


def withdraw_invite(session: Session, *, shop_id: int, invite_id: int) -> None:
    """Make an open invitation useless; one that is withdrawn already stays so."""
    row = session.get(Invite, invite_id, with_for_update=True, populate_existing=True)
    if row is None or row.shop_id != shop_id:
        raise NotAllowed
    if row.used_at is not None:
        raise RuleBroken("invite_used", N_("That invitation was accepted. End the person's role instead."))
    row.withdrawn_at = row.withdrawn_at or clock.now()
    session.flush()


def end_role(session: Session, *, shop_id: int, role_id: int) -> None:
    """End a person's work at a shop, fact role.ended; its last owner stays (RuleBroken last_owner)."""
    role = _held(session, shop_id, role_id)
    if role.ended_at is not None:
        return
    _keep_an_owner(session, role)
    role.ended_at = clock.now()
    session.flush()
    journal.record(session, "role.ended", shop_id=shop_id, account_id=role.account_id)


def change_role(session: Session, *, shop_id: int, role_id: int, kind: str) -> Role:
    """Make a person staff, manager or owner: the old role ends, a new one begins, facts role.ended and role.given.

    The last owner stays one (RuleBroken last_owner); the same kind again changes nothing, and what has ended cannot
    be changed (RuleBroken role_over).
    """
    if kind not in ROLES:
        raise RuleBroken("kind_unknown", N_("Choose one of the listed roles."), status=422, field="kind")
    role = _held(session, shop_id, role_id)
    if role.ended_at is not None:
        # A second press finds the work of the first one done.
        live = _live_role(session, shop_id, role.account_id)
        if live is not None and live.kind == kind:
            return live
        raise role_over()
    if role.kind == kind:
        return role
    if role.kind == "claimant":
        raise NotAllowed
    _keep_an_owner(session, role)
    role.ended_at = clock.now()
    session.flush()
    journal.record(session, "role.ended", shop_id=shop_id, account_id=role.account_id)
    shop = queries.shop(session, shop_id, behind=True)
    return give_role(session, shop=shop, account_id=role.account_id, kind=kind, name=role.name)


def name_person(session: Session, *, shop_id: int, role_id: int, name: str) -> None:
    """Write what a shop calls somebody who works there, fact role.named; the same name again changes nothing.

    RuleBroken bad_name (422) unless 1 to LONGEST_NAME characters remain, role_over when the role ended meanwhile.
    """
    text = " ".join(name.split())
    if not 1 <= len(text) <= LONGEST_NAME:
        sentence = N_("Call them something of 1 to %(most)s characters.")
        raise RuleBroken("bad_name", sentence, status=422, field="name", most=LONGEST_NAME)
    role = _held(session, shop_id, role_id)
    if role.kind not in ROLES:
        raise NotAllowed
    if role.ended_at is not None:
        raise role_over()
    if role.name == text:
        return
    role.name = text
    session.flush()
    journal.record(session, "role.named", shop_id=shop_id, account_id=role.account_id)


def quit_shop(session: Session, *, shop_id: int, account_id: int) -> None:
    """End one's own work at a shop, as end_role does; done already is as good."""
    queries.shop(session, shop_id, lock=True, behind=True)
    role = _live_role(session, shop_id, account_id)
    if role is not None and role.kind in ROLES:
        end_role(session, shop_id=shop_id, role_id=role.id)


def _held(session: Session, shop_id: int, role_id: int) -> Role:
    queries.shop(session, shop_id, lock=True, behind=True)
    role = session.get(Role, role_id, with_for_update=True, populate_existing=True)
    if role is None or role.shop_id != shop_id:
        raise NotAllowed
    return role


def _keep_an_owner(session: Session, role: Role) -> None:
    live = (Role.shop_id == role.shop_id, Role.kind == "owner", Role.ended_at.is_(None))
    owners = select(func.count()).where(*live)
    if role.kind == "owner" and (session.scalar(owners) or 0) <= 1:
        raise RuleBroken("last_owner", N_("A shop needs an owner. Invite another owner first."))


def open_invite(session: Session, *, token: str) -> Invite:
    """Return the invitation of a token while it can be accepted; RuleBroken invite_over (410) otherwise."""
    row = session.scalar(select(Invite).where(Invite.digest == digest(token)))
    if row is None or row.used_at or row.withdrawn_at or row.expires_at <= clock.now():
        raise invite_over()
    return row


def digest(token: str) -> str:
    """Give what the table keeps of an invitation's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invite_over() -> RuleBroken:
    """Refuse an invitation without saying which of the reasons it is."""
    sentence = N_("This invitation was used, withdrawn or has expired. Please ask the shop for a new one.")
    return RuleBroken("invite_over", sentence, status=410)


def role_over() -> RuleBroken:
    """Refuse to change a role that ended while the owner looked at it."""
    return RuleBroken("role_over", N_("That person's role was changed meanwhile. Look at the list again."))


def _live_role(session: Session, shop_id: int, account_id: int) -> Role | None:
    live = select(Role).where(Role.shop_id == shop_id, Role.account_id == account_id, Role.ended_at.is_(None))
    return session.scalar(live)
