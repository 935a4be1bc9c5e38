"""What was typed into a form that asked for a fresh sign-in: kept for ten minutes, sealed, for its own page.

It lies where challenges lie, for it waits for the same thing. The seal needs two halves: the server's secret, and
one that only this browser's cookie holds, so that neither the database nor a backup of it tells anything.
"""

import json
import logging
import re
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Response, current_app, g, request, session
from flask_login import current_user
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import SQLAlchemyError

from o2o.accounts import keys, login
from o2o.accounts.models import Challenge
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Busy
from o2o.kernel.refill import PARAMETER

LIFE = timedelta(minutes=10)
PURPOSE = "form"
MOST_FIELDS = 40
MOST_LETTERS = 8_000  # all names and values together; the longest of these forms has a few hundred
MOST_FORMS = 4  # at once, of one account
log = logging.getLogger("o2o.kept")


def put(address: str, fields: list[tuple[str, str]]) -> str | None:
    """Keep the fields for the page at this address; return their id, None when there are none or too many."""
    if (
        not fields
        or len(fields) > MOST_FIELDS
        or sum(len(name) + len(text) for name, text in fields) > MOST_LETTERS
    ):
        return None
    half = session.setdefault(login.KEPT, secrets.token_urlsafe(16))
    sealed = _seal(half).encrypt(json.dumps(fields).encode())
    begin_write()
    _make_room()
    box = secrets.token_hex(16)
    row = Challenge(id=box, purpose=PURPOSE, challenge=sealed, user_handle=_page(address))
    row.account_id, row.expires_at = current_user.account_id, clock.now() + LIFE
    db.session.add(row)
    db.session.commit()
    return box


def held(box: str, address: str) -> list[tuple[str, str]] | None:
    """Return the fields kept under this id for this page, None when they are not this visitor's to read."""
    half = session.get(login.KEPT)
    if half is None or not current_user.is_authenticated or not re.fullmatch(r"[0-9a-f]{32}", box):
        return None
    wanted = select(Challenge.challenge).where(Challenge.id == box, Challenge.user_handle == _page(address))
    sealed = db.session.scalar(wanted.where(*_mine()))
    try:
        found = json.loads(_seal(half).decrypt(sealed)) if sealed else None
    except InvalidToken:
        return None
    return None if found is None else [(name, text) for name, text in found]


def waits(address: str) -> bool:
    """Tell whether what was typed is kept for the page at this address."""
    parts = urlsplit(address)
    boxes = parse_qs(parts.query).get(PARAMETER)
    return boxes is not None and held(boxes[0], parts.path) is not None


def let_go(response: Response) -> Response:
    """After a post that got past the wall, delete what was kept for its form."""
    rule = current_app.extensions["o2o.policies"].get(request.endpoint)
    visitor = g.get("_login_user")
    if request.method != "POST" or rule is None or rule.refill is None or login.KEPT not in session:
        return response
    # A server that was too busy has not taken it: the page still holds it.
    if (
        response.status_code >= 500
        or not isinstance(visitor, login.Visitor)
        or not visitor.is_fresh(rule.fresh)
    ):
        return response
    page = current_app.url_for(rule.refill, **(request.view_args or {}))
    used = (*_mine(), Challenge.user_handle == _page(page))
    try:
        db.session.rollback()
        if db.session.scalar(select(Challenge.id).where(*used).limit(1)):
            begin_write()
            db.session.execute(delete(Challenge).where(*used))
            db.session.commit()
    except (SQLAlchemyError, Busy):
        log.warning("could not let go of a form", exc_info=True)
        db.session.rollback()
    return response


def init_kept(app: Flask) -> None:
    """Keep forms for all rooms."""
    app.extensions["o2o.keep_form"], app.extensions["o2o.held_form"] = put, held
    app.after_request(let_go)


def _mine() -> tuple[ColumnElement[bool], ...]:
    mine = (Challenge.account_id == current_user.account_id, Challenge.purpose == PURPOSE)
    return (*mine, Challenge.expires_at > clock.now())


def _make_room() -> None:
    """Delete the visitor's oldest forms, so that the new one is one of MOST_FORMS."""
    newest = select(Challenge.id).where(*_mine()).order_by(Challenge.expires_at.desc()).limit(MOST_FORMS - 1)
    stay = db.session.scalars(newest).all()
    mine = delete(Challenge).where(
        Challenge.account_id == current_user.account_id, Challenge.purpose == PURPOSE
    )
    db.session.execute(mine.where(Challenge.id.not_in(stay)))


def _page(address: str) -> bytes:
    return keys.digest(address).encode()


def _seal(half: str) -> Fernet:
    """Make the key of both halves: HKDF-SHA256 (RFC 5869), 32 bytes in base64."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=half.encode(), info=b"o2o kept forms")
    return Fernet(urlsafe_b64encode(derive.derive(login.secret().encode())))
