"""How a pass is shown: by anybody's screen, by one phone that signs, or by the paper it was printed on."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from o2o.binding import queries as binding
from o2o.binding.rules import FREE_MOVES
from o2o.holders import queries as holders
from o2o.kernel.calendar import moment_words
from o2o.kernel.db import new_id
from o2o.passes.models import Pass

OPEN = ("valid", "early")


class Showing(NamedTuple):
    """What the page needs to show a pass, and to change how it is shown.

    `live` says that a phone signs it; then `token` (hex) is what it signs and `device` whose key it is (x, hex).
    `key` is the number of the next press; `since` when this form began; `moves` what a move costs, in words.
    """

    form: str
    live: bool
    changes: bool
    token: str
    device: str
    gen: int
    key: str
    since: str
    moves: str


def showing(session: Session, pass_: Pass, state: str, zone: ZoneInfo, locale: str) -> Showing:
    """Say how a pass is shown in this state."""
    device = holders.device(session, pass_.device_id)
    is_open = state in OPEN
    return Showing(
        form=pass_.form,
        live=is_open and device is not None,
        changes=is_open,
        token=pass_.token.hex() if is_open and device is not None else "",
        device=device.x if is_open and device is not None else "",
        gen=pass_.gen,
        key=new_id(),
        since=moment_words(binding.formed_at(session, pass_), zone, locale),
        moves=_moves(pass_),
    )


def _moves(pass_: Pass) -> str:
    left = max(0, FREE_MOVES - pass_.rebinds)
    if left == 0:
        return _("The next move takes one of your recovery codes.")
    return ngettext("%(num)s move left.", "%(num)s moves left.", left)
