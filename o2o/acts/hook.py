"""Write the act of a request with the commit that carries it out: neither is there without the other."""

from typing import Any

from flask import Flask, current_app, has_request_context, request
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, SessionTransaction

from o2o.acts.models import Act
from o2o.kernel import actor, clock
from o2o.kernel.access import SAFE_METHODS, Policy
from o2o.kernel.deeds import NOTED, RECORDED

WROTE = "o2o_wrote"
WRITING_ACT = "o2o_writing_act"
DONE = "o2o.act"  # in the request's environment: a view that commits twice is one act
# What the house notes for itself is no deed of the visitor's. A login is one only where a view says so.
NO_DEEDS = {"limit_hit", "posted", "act", "look"}
DESKS = {"staff", "manager", "preparer", "owner", "operator"}
RANKS = ("claimant", "staff", "manager", "owner")
# Whoever holds these may use them: they are permissions, not names.
SECRET_ARGUMENTS = {"token", "code"}


def init_app(app: Flask) -> None:
    """Listen before everybody else: the feed's row, the hottest of a shop, is locked after the act is written."""
    if not event.contains(Session, "before_commit", write_down):
        event.listen(Session, "before_commit", write_down, insert=True)
        event.listen(Session, "after_flush", see_flush)
        event.listen(Session, "do_orm_execute", see_statement)
        event.listen(Session, "after_commit", is_done)
        event.listen(Session, "after_transaction_end", forget)


def write_down(session: Session) -> None:
    """Add the request's act, and what the shell or the worker recorded, to the transaction that commits."""
    if session.in_nested_transaction():
        return
    session.flush()
    rows = [act(account_id=None, subject={}, **recorded) for recorded in session.info.pop(RECORDED, [])]
    mine = _of_request(session)
    if mine is not None:
        session.info[WRITING_ACT] = True
        rows.append(mine)
    if rows:
        session.add_all(rows)
        session.flush()


def act(**values: Any) -> Act:
    """Make an act of this moment and this request."""
    return Act(at=clock.now(), request_id=actor.current().request_id, **values)


def _of_request(session: Session) -> Act | None:
    """Return the act of this request; None when it makes none, has made it, or wrote nothing."""
    noted: dict[str, Any] = session.info.get(NOTED, {})
    if not has_request_context() or request.method in SAFE_METHODS or request.endpoint is None:
        return None
    policy: Policy = current_app.extensions["o2o.policies"][request.endpoint]
    shop_id = noted.get("shop_id") or _shop(policy)
    is_desk = policy.kind in DESKS
    no_deeds = NO_DEEDS if noted else NO_DEEDS | {"login"}
    if request.environ.get(DONE) or not session.info.get(WROTE, set()) - no_deeds:
        return None
    account_id = actor.current().account_id
    role = noted.get("role") or _role(policy, account_id, shop_id)
    if account_id is None or role is None or not (is_desk or noted.get("shop_id")):
        return None
    arguments = (request.view_args or {}).items()
    return act(
        account_id=account_id,
        role=role,
        shop_id=shop_id,
        verb=request.endpoint,
        subject={key: value for key, value in arguments if key not in SECRET_ARGUMENTS | {policy.shop}},
        detail=noted.get("detail", {}),
    )


def _shop(policy: Policy) -> int | None:
    """Return the shop that the address names: by the policy, or, at the platform's desk, as "shop"."""
    name = "shop" if policy.kind == "operator" else policy.shop
    return None if name is None else (request.view_args or {}).get(name)


def _role(policy: Policy, account_id: int | None, shop_id: int | None) -> str | None:
    """Return the highest role held at this shop; ending one's own role is still done in it."""
    if policy.kind == "operator":
        return "operator"
    if account_id is None or shop_id is None:
        return None
    held = current_app.extensions["o2o.roles"](account_id, shop_id) & set(RANKS)
    least = policy.kind if policy.kind in RANKS else None
    return max(held, key=RANKS.index) if held else least


def see_flush(session: Session, context: Any) -> None:
    """Note which tables a flush writes."""
    changed = [row for row in session.dirty if session.is_modified(row)]
    names = {inspect(row).mapper.local_table.name for row in (*session.new, *changed, *session.deleted)}
    session.info.setdefault(WROTE, set()).update(names)


def see_statement(state: Any) -> None:
    """Note which table a statement writes."""
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info.setdefault(WROTE, set()).add(state.statement.table.name)


def is_done(session: Session) -> None:
    """Remember that this request's act is written for good."""
    if session.info.pop(WRITING_ACT, None) and has_request_context():
        request.environ[DONE] = True


def forget(session: Session, transaction: SessionTransaction) -> None:
    """Forget, when the outermost transaction is over, what was noted for it, however it ended."""
    if transaction.parent is None:
        for key in (NOTED, RECORDED, WROTE, WRITING_ACT):
            session.info.pop(key, None)
