"""Verbs of binding: bind a pass to a phone, put it on paper."""

from datetime import datetime

from sqlalchemy.orm import Session

from o2o.accounts import queries as accounts
from o2o.accounts import rules as account_rules
from o2o.holders.models import DeviceKey
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.passes import rules as passes
from o2o.passes.models import Pass

# A lost phone, a new one, a browser that forgot: beyond that somebody may be selling a pass twice.
FREE_MOVES = 3
NEEDS_CODE = N_("This pass has moved three times. A fourth move takes one of your recovery codes.")
WRONG_CODE = N_("That is none of your recovery codes, or it was used before.")
NO_CODES = N_(
    "This pass has moved three times. A fourth move takes a recovery code, and you have none: "
    "make some under Me, Recovery, and come back."
)


def bind(
    session: Session,
    *,
    account_id: int,
    pass_id: str,
    device: DeviceKey,
    key: str | None,
    recovery: str | None,
    now: datetime,
) -> Pass:
    """Let this phone alone show a pass: gen+1, unless it does so already or `key` was carried out before.

    After FREE_MOVES to another phone each costs one of the account's recovery codes. Side effects in order: those
    of passes.rules.reform, the code. Raises NotAllowed for somebody else's pass or phone, RuleBroken "needs_code",
    "wrong_code" and "no_codes" (422), and what reform raises; roll back then, the pass was changed before.
    """
    pass_ = _own(session, account_id, pass_id)
    if pass_.form == "bound" and pass_.device_id == device.id:
        return pass_
    moves = pass_.rebinds
    bound = passes.reform(session, pass_id=pass_id, form="bound", device=device, why="bind", now=now, key=key)
    if bound.rebinds > max(moves, FREE_MOVES):
        _pay_with_code(session, account_id, recovery)
    return bound


def print_pass(session: Session, *, account_id: int, pass_id: str, key: str | None, now: datetime) -> Pass:
    """Make the paper the pass: gen+1, and no phone shows it any more; the same `key` again changes nothing.

    Raises NotAllowed for somebody else's pass and what passes.rules.reform raises.
    """
    _own(session, account_id, pass_id)
    return passes.reform(session, pass_id=pass_id, form="paper", device=None, why="print", now=now, key=key)


def _own(session: Session, account_id: int, pass_id: str) -> Pass:
    """Lock a pass before looking: of two phones at once, the second sees what the first has done."""
    pass_ = passes.get_locked(session, pass_id=pass_id)
    if pass_.account_id != account_id:
        raise NotAllowed
    return pass_


def _pay_with_code(session: Session, account_id: int, recovery: str | None) -> None:
    if recovery and account_rules.use_recovery_code(session, account_id=account_id, text=recovery):
        return
    if accounts.doors(session, account_id=account_id).codes == 0:
        raise RuleBroken("no_codes", NO_CODES, status=422)
    if recovery:
        raise RuleBroken("wrong_code", WRONG_CODE, status=422)
    raise RuleBroken("needs_code", NEEDS_CODE, status=422)
