"""The doors: sign in, make an account, one-time links, sign out."""

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from o2o.accounts import ceremonies, kept, keys, login, queries, recovery, rules
from o2o.accounts.forms import NonceForm, RecoverForm
from o2o.kernel import limits
from o2o.kernel.access import policy, public
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.kernel.forms import once, posted_key, remember
from o2o.kernel.web import page, safe_next, see_other, toast
from o2o.kernel.words import N_

bp = Blueprint("sign_in", __name__)
WINDOW = timedelta(minutes=10)
UNKNOWN_KEY = N_("We do not know this key, or this code was used. Please check each character.")
OTHERS_KEY = N_("This opens another account than yours. Sign out first to use it.")


def limit(what: str, most: int, *, per: timedelta = WINDOW) -> None:
    """Count a try from this address; RuleBroken 429 when there were too many."""
    limits.hit(db.session, what, request.remote_addr, most=most, per=per)


def target() -> str:
    """Give the page to go on to; only plain paths of this site count."""
    return safe_next(request.values.get("next"), default=url_for("accounts.me"))


def way_back(address: str) -> str:
    """Give the nearest page above an address that asks for no fresh sign-in: back from here must not lead here."""
    policies, addresses = current_app.extensions["o2o.policies"], current_app.url_map.bind("")
    path = address.split("?", 1)[0]
    while path.strip("/"):
        if (
            addresses.test(path, method="GET")
            and policies[addresses.match(path, method="GET")[0]].fresh is None
        ):
            return address if address.startswith(path + "?") else path
        path = path.rpartition("/")[0]
    return "/"


def show(form: RecoverForm, *, status: int = 200) -> Response:
    """Show the doors; to somebody signed in, the ones that prove it is still them."""
    login.browser()
    confirming = current_user.is_authenticated
    held = queries.doors(db.session, account_id=current_user.account_id) if confirming else None
    response = page(
        "accounts/confirm.html" if confirming else "accounts/sign_in.html",
        status=status,
        form=form,
        start=NonceForm(formdata=None),
        next=target(),
        back=way_back(target()) if confirming else None,
        tail="?" + urlencode({"next": target()}),
        asked=request.args.get("asked") == "1",
        is_kept=confirming and kept.waits(target()),
        doors=held,
    )
    # A page whose form makes an account must not come back from the browser's memory to the next person.
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/sign-in")
@policy(public)
def sign_in() -> AnyResponse:
    """Show the doors; who is signed in and need not prove it again goes on."""
    if current_user.is_authenticated and request.args.get("fresh") != "1":
        return redirect(target(), 303)
    return show(RecoverForm(formdata=None))


@bp.post("/sign-in/passkey/options")
@policy(public)
def passkey_options() -> Response:
    """Give the options for signing in with a passkey."""
    limit("ceremony", 120)
    return ceremonies.ask()


@bp.post("/sign-in/passkey")
@policy(public)
def passkey() -> Response:
    """Sign in with a passkey."""
    limit("passkey", 60)
    account_id = ceremonies.answer()
    token = login.start(account_id)
    db.session.commit()
    login.keep(token)
    return ceremonies.go_to(target())


@bp.post("/sign-in/account/options")
@policy(public)
def account_options() -> Response:
    """Give the options for making an account with a passkey."""
    limit("ceremony", 120)
    return ceremonies.offer("account")


@bp.post("/sign-in/account")
@policy(public)
def account() -> Response:
    """Make an account with a passkey: no name, no mail, no phone."""
    limit("account", 60, per=timedelta(hours=1))
    account_id = ceremonies.make_account()
    token = login.start(account_id)
    db.session.commit()
    login.keep(token)
    return ceremonies.go_to(target())


@bp.post("/sign-in/key")
@policy(public)
def second_door() -> Response:
    """Make an account on a phone without passkeys; its recovery key is shown on the next page."""
    nonce = NonceForm().checked()
    limit("account", 60, per=timedelta(hours=1))
    begin_write()
    account_id = recovery.create_with_key(db.session, key=keys.recovery_key(login.secret(), nonce))
    token = login.start(account_id)
    db.session.commit()
    login.keep(token)
    return see_other(login.show_once("key", nonce, target()))


@bp.post("/sign-in/recover")
@policy(public)
def recover() -> Response:
    """Sign in with a recovery key or a single-use code."""
    form = RecoverForm()
    limit("recover", 20)
    confirming = current_user.is_authenticated
    if confirming:
        limits.hit(db.session, "recover", current_user.account_id, most=20, per=WINDOW)
    if not form.validate():
        return show(form, status=422)
    content = {"key": keys.digest(keys.normal(form.key.data) or "")}
    begin_write()
    again = once(db.session, "recover", posted_key(), content) is not None
    account_id = recovery.open_with(db.session, text=form.key.data, again=again)
    if account_id is None or (confirming and account_id != current_user.account_id):
        db.session.rollback()
        form.key.errors = [_(UNKNOWN_KEY if account_id is None else OTHERS_KEY)]
        return show(form, status=422)
    token = login.start(account_id)
    if not again:
        remember(db.session, "recover", posted_key(), content, "/me")
    db.session.commit()
    login.keep(token)
    return see_other(after_key())


def after_key() -> str:
    """Give the page to go on to, by way of the passkeys when the form says so."""
    if request.form.get("then") != "passkey":
        return target()
    return url_for("accounts.list_passkeys") + "?" + urlencode({"next": target()})


@bp.get("/sign-in/<token>")
@policy(public)
def link(token: str) -> Response:
    """Show the one button of a one-time address; looking at it changes nothing."""
    if not queries.link_is_live(db.session, token):
        raise RuleBroken("link_gone", rules.LINK_GONE, status=410)
    return page("accounts/link.html", form=RecoverForm(formdata=None), next=target())


@bp.post("/sign-in/<token>")
@policy(public)
def use_link(token: str) -> Response:
    """Sign in by a one-time address."""
    limit("link", 60)
    owner = f"link:{keys.digest(token)[:16]}"
    begin_write()
    again = once(db.session, owner, posted_key(), {}) is not None
    account_id = rules.use_sign_in_link(db.session, token=token, again=again)
    cookie = login.start(account_id)
    if not again:
        remember(db.session, owner, posted_key(), {}, "/me")
    db.session.commit()
    login.keep(cookie)
    return see_other(target())


@bp.post("/sign-out")
@policy(public)
def sign_out() -> Response:
    """End this device's login; the cookie is worth nothing from now on, wherever a copy of it may be."""
    shown = login.token()
    if shown:
        begin_write()
        rules.end_login(db.session, token=shown)
        db.session.commit()
    login.forget()
    toast(_("You are signed out."))
    response = see_other("/")
    # Never "storage": a till's unsent claims and device keys must survive.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
