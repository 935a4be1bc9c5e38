"""Who visits: the cookie carries a token, the database knows its login, flask-login asks once per request.

Idle limit: the cookie's own signature dates it, and a visit renews it at most once a day, so that a GET
writes nothing to the database. Absolute limit and sign-out: the login's row. There is no remember-me cookie.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, Response, current_app, g, request, session
from flask_login import LoginManager, UserMixin
from sqlalchemy.exc import SQLAlchemyError

from o2o.accounts import queries, rules
from o2o.kernel import clock
from o2o.kernel.access import SAFE_METHODS
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Busy

IDLE = timedelta(days=30)
KEPT = "kept"  # the browser's half of the seal on forms that wait for a sign-in, see kept.py
log = logging.getLogger("o2o.login")
manager = LoginManager()
manager.session_protection = None

# Where a word of the User-Agent names the browser or the system; the first that fits counts.
BROWSERS = (
    ("MicroMessenger", "微信 WeChat"),
    ("AlipayClient", "支付宝 Alipay"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Visitor(UserMixin):  # type: ignore[misc]
    """The signed-in person of this request."""

    account_id: int
    public_id: str
    shop_id: int | None
    fresh_at: datetime
    seen_at: datetime
    opaque: str
    is_operator: bool
    handle: str | None

    def get_id(self) -> str:
        """Give the login's public id: the token itself stays in the cookie."""
        return self.public_id

    def is_fresh(self, minutes: int = 5) -> bool:
        """Tell whether the person proved who they are within so many minutes."""
        return clock.now() - self.fresh_at <= timedelta(minutes=minutes)


@manager.user_loader  # type: ignore[untyped-decorator]
def load(token: str) -> Visitor | None:
    """Look the cookie's token up; a token that says nothing any more leaves the cookie alone.

    (An old request that ends after a new sign-in would wipe the new cookie.)
    """
    row = queries.live_login(db.session, token)
    if row is None:
        return None
    today = clock.now().date().isoformat()
    if session.get("day") != today:
        session["day"] = today
    return Visitor(**row._mapping)


def token() -> str | None:
    """Give the token that this browser shows, whatever it is worth."""
    return session.get("_user_id")


def start(account_id: int) -> str:
    """Start a login for this device in place of the one it showed; `keep` its token after the commit."""
    return rules.start_login(db.session, account_id=account_id, device=device(), instead_of=token())


def keep(new_token: str) -> None:
    """Put a login's token into the cookie; of what was there before only the seal of forms that wait for it."""
    seal = session.get(KEPT)
    session.clear()
    if seal:
        session[KEPT] = seal
    session.permanent = True
    session["_user_id"] = new_token
    session["day"] = clock.now().date().isoformat()
    browser()


def forget() -> None:
    """Empty the cookie."""
    session.clear()


def show_once(kind: str, nonce: str, target: str) -> str:
    """Note that a new key or new codes are to be shown until the person says they are saved; return where.

    The cookie holds only the form's random part: without the server's secret it gives no key.
    """
    session["shown"] = {"kind": kind, "nonce": nonce, "next": target}
    return "/me/recovery/saved"


def shown() -> dict[str, str] | None:
    """Give what is still to be saved by the person."""
    return session.get("shown")


def stop_showing() -> None:
    """Never show it again."""
    session.pop("shown", None)


def browser() -> str:
    """Give the random name that binds ceremonies to this browser, making it when there is none.

    Pages make it, before their scripts ask for a ceremony: a late answer that set the cookie would undo a sign-in.
    """
    if "browser" not in session:
        session["browser"] = secrets.token_urlsafe(16)
    return str(session["browser"])


def device() -> str:
    """Name this device by what its User-Agent says, for the list of devices."""
    said = request.headers.get("User-Agent", "")
    words = [next((name for word, name in names if word in said), "") for names in (BROWSERS, SYSTEMS)]
    return " · ".join(word for word in words if word) or "?"


def note_seen(response: Response) -> Response:
    """After a POST, note when the device was last active, in a short write of its own."""
    visitor = g.get("_login_user")
    if request.method in SAFE_METHODS or not isinstance(visitor, Visitor):
        return response
    if clock.now() - visitor.seen_at < rules.SEEN_EVERY:
        return response
    try:
        db.session.rollback()
        begin_write()
        rules.note_seen(db.session, public_id=visitor.public_id)
        db.session.commit()
    except (SQLAlchemyError, Busy):
        log.warning("could not note a visit", exc_info=True)
        db.session.rollback()
    return response


def init_login(app: Flask) -> None:
    """Wire flask-login; the cookie is renewed by load() only, not by every answer."""
    app.config.update(PERMANENT_SESSION_LIFETIME=IDLE, SESSION_REFRESH_EACH_REQUEST=False)
    manager.init_app(app)
    # There is no remember cookie: looking for one would open every visitor's session.
    app.after_request_funcs[None].remove(manager._update_remember_cookie)
    app.after_request(note_seen)


def secret() -> str:
    """Give the server's secret, from which keys of forms are derived."""
    return str(current_app.config["O2O"].secret_key)
