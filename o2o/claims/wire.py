"""What a till posts: the envelope around its entries, checked before anything is looked up."""

import json
from typing import Any, Final, NamedTuple

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from o2o.claims.entry import GREATEST, LAST_MOMENT
from o2o.claims.sync import MOST_ENTRIES
from o2o.kernel.errors import BadInput
from o2o.kernel.words import N_

LARGEST: Final = 1_000_000  # bytes
_KEYS: Final = {"till", "shop", "cursor", "head", "entries", "now", "app"}
MALFORMED: Final = N_(
    "This till's message is damaged. Reload the till; what it has taken stays on this phone."
)


class Asked(NamedTuple):
    """A till's message: who it says it is, what it has heard, its greatest seq, its entries, its own clock (ms)."""

    till: str
    shop: int
    cursor: int
    head: int
    entries: list[Any]
    now: int
    app: str


def asked(request: Request) -> Asked:
    """Read the body of a sync; BadInput 413 too_large and too_many, 415 not_json, 400 bad_json and bad_batch."""
    if request.mimetype != "application/json":
        raise BadInput("not_json", MALFORMED, status=415)
    try:
        # Not request.json: one lone surrogate in one entry must not cost the others their way in.
        body = json.loads(_body(request))
    except (ValueError, RecursionError) as error:
        raise BadInput("bad_json", MALFORMED) from error
    if not isinstance(body, dict) or set(body) != _KEYS:
        raise BadInput("bad_batch", MALFORMED)
    message = Asked(**body)
    if not _is_sound(message):
        raise BadInput("bad_batch", MALFORMED)
    if len(message.entries) > MOST_ENTRIES:
        sentence = N_("A till sends at most %(most)s entries at once.")
        raise BadInput("too_many", sentence, status=413, most=MOST_ENTRIES)
    return message


def _body(request: Request) -> bytes:
    """Read what was posted; a full batch is larger than any form here."""
    request.max_content_length = LARGEST
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise BadInput("too_large", N_("That is too large to send."), status=413) from error


def _is_sound(message: Asked) -> bool:
    """Check the kinds and ranges of the envelope; the entries are checked one by one."""
    numbers = (
        (message.shop, GREATEST),
        (message.cursor, GREATEST),
        (message.head, GREATEST),
        (message.now, LAST_MOMENT),
    )
    texts = (message.till, 16), (message.app, 40)
    return (
        all(type(given) is int and 0 <= given <= most for given, most in numbers)
        and all(
            isinstance(given, str) and len(given) <= most and given.isprintable() for given, most in texts
        )
        and isinstance(message.entries, list)
    )
