"""What happens to pictures: checked and redrawn with no transaction open, kept, dropped, swept."""

import errno
import hashlib
import logging
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import IO, NamedTuple

from sqlalchemy import delete
from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.kernel.db import new_id
from o2o.kernel.errors import Busy, RuleBroken
from o2o.kernel.words import N_
from o2o.photos import folder, queries
from o2o.photos.header import measure, refuse
from o2o.photos.models import Photo
from o2o.photos.picture import redraw

log = logging.getLogger("o2o.photos")
MOST_BYTES = 6 * 1024 * 1024
MOST_PHOTOS = 6
AT_ONCE = 2  # pictures decoded at the same time in one process: a phone's needs some 100 MB
WIDE = 13_000_000  # pixels; of larger ones, which may need 400 MB, one at a time
PATIENCE = 5.0  # seconds that one waits for its turn
_gate = threading.BoundedSemaphore(AT_ONCE)
_wide_gate = threading.BoundedSemaphore(1)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
UNUSED = timedelta(days=1)


class Prepared(NamedTuple):
    """A picture redrawn and ready to keep; sizes in pixels, `digest` the SHA-256 of the large file."""

    large: bytes
    small: bytes
    width: int
    height: int
    digest: str


def prepare(source: bytes | IO[bytes]) -> Prepared:
    """Check a picture and redraw it in both sizes; call it with no transaction open.

    Raises BadInput with field "photos": too_large (413), not_a_photo (415), too_many_pixels (422), broken (422);
    Busy (503) when too many are being decoded.
    """
    data = source if isinstance(source, bytes) else source.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        sentence = N_("A photo is larger than %(most)s MB. Send it smaller.")
        raise refuse("too_large", sentence, 413, most=MOST_BYTES // (1024 * 1024))
    size = measure(data)
    with ExitStack() as turn:
        if size.width * size.height > WIDE:
            _take_turn(turn, _wide_gate)
        _take_turn(turn, _gate)
        drawn = redraw(data)
    return Prepared(*drawn, digest=hashlib.sha256(drawn.large).hexdigest())


def _take_turn(turn: ExitStack, gate: threading.BoundedSemaphore) -> None:
    if not gate.acquire(timeout=PATIENCE):
        raise Busy
    turn.callback(gate.release)


def prepare_all(sources: Iterable[bytes | IO[bytes]]) -> list[Prepared]:
    """Prepare the pictures of one form, in order; the first bad one refuses them all."""
    return [prepare(source) for source in sources]


def keep(session: Session, *, account_id: int, shop_id: int, prepared: Prepared, at: datetime) -> Photo:
    """Write a picture's files and its row, in the caller's transaction.

    A rollback leaves files without a row, which the worker sweeps. Raises RuleBroken no_room (503, field "photos")
    when the disk takes nothing more; nothing is left then.
    """
    photo_id = new_id()
    try:
        folder.put(folder.home(session), photo_id, prepared.large, prepared.small)
    except OSError as error:
        log.error("photo not kept, disk %s: %s", "full" if error.errno in FULL else "failed", error)
        sentence = N_("There is no room for photos right now. Send it without photos, or try again later.")
        raise RuleBroken("no_room", sentence, status=503, field="photos") from error
    size = len(prepared.large) + len(prepared.small)
    photo = Photo(
        id=photo_id,
        account_id=account_id,
        shop_id=shop_id,
        digest=prepared.digest,
        width=prepared.width,
        height=prepared.height,
        bytes=size,
        at=at,
    )
    session.add(photo)
    session.flush()
    return photo


def drop(session: Session, *, photo_id: str) -> None:
    """Delete a picture's row, and its files once that is committed (fact photo.dropped); gone already is as good.

    What points to it must be deleted before.
    """
    session.flush()
    if session.execute(delete(Photo).where(Photo.id == photo_id)).rowcount:  # type: ignore[attr-defined]
        journal.record(session, "photo.dropped", photo_id=photo_id)


def drop_unused(session: Session, *, now: datetime, most: int = 200) -> int:
    """Drop pictures older than UNUSED that nothing points to, at most so many; return how many."""
    ids = queries.unused(session, before=now - UNUSED, most=most)
    for photo_id in ids:
        drop(session, photo_id=photo_id)
    return len(ids)
