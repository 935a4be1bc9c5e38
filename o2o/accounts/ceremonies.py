"""Passkey ceremonies between browser and rules: JSON both ways, challenges spent before they are checked."""

import secrets
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_babel import gettext as _
from flask_login import current_user

from o2o.accounts import login, passkeys, queries, rules, webauthn
from o2o.kernel.config import Settings
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput
from o2o.kernel.plumbing import shell_values
from o2o.kernel.words import N_


def site() -> webauthn.Site:
    """Describe this site as browsers know it; on localhost any port is this site."""
    settings: Settings = current_app.config["O2O"]
    origins = [settings.base_url]
    if settings.rp_id == "localhost" and request.host.split(":")[0] == "localhost":
        origins.append(f"http://{request.host}")
    return webauthn.Site(settings.rp_id, shell_values()["site_name"], tuple(origins))


def ask() -> Response:
    """Begin a sign-in; somebody signed in is asked for one of their own passkeys."""
    account_id = current_user.account_id if current_user.is_authenticated else None
    known = queries.passkeys_of(db.session, account_id=account_id) if account_id else []
    described = [key.credential_id for key in known]
    begin_write()
    challenge = passkeys.begin(db.session, purpose="sign-in", browser=login.browser(), account_id=account_id)
    db.session.commit()
    return said(webauthn.request_options(site(), challenge=challenge, known=described))


def answer() -> int:
    """Check the answer to `ask`, note the use in an open writing transaction, return whose passkey it is."""
    credential = payload()
    account_id = current_user.account_id if current_user.is_authenticated else None
    challenge, _handle = _take("sign-in", credential, account_id)
    passkey = queries.passkey_by_credential(db.session, webauthn.credential_id_in(credential))
    if passkey is None or account_id not in (None, passkey.account_id):
        raise BadInput(
            "unknown_passkey", N_("We do not know this passkey; it may have been removed from its account.")
        )
    checked = webauthn.verify_answer(
        site(), credential, passkey, challenge=challenge, chosen=account_id is None
    )
    owner, passkey_id = passkey.account_id, passkey.id
    begin_write()
    passkeys.note_use(db.session, passkey_id=passkey_id, sign_count=checked[0], backed_up=checked[1])
    return owner


def offer(purpose: str) -> Response:
    """Begin making a passkey: for a new account ("account") or for the visitor's own ("passkey")."""
    account_id = current_user.account_id if purpose == "passkey" else None
    held = queries.passkeys_of(db.session, account_id=account_id) if account_id else []
    handle = held[0].user_handle if held else secrets.token_bytes(32)
    described = [key.credential_id for key in held]
    begin_write()
    challenge = passkeys.begin(
        db.session, purpose=purpose, browser=login.browser(), account_id=account_id, handle=handle
    )
    db.session.commit()
    name = _("Guest %(code)s", code=handle.hex()[:4].upper())
    return said(
        webauthn.creation_options(site(), name=name, handle=handle, challenge=challenge, known=described)
    )


def make_account() -> int:
    """Check a new passkey and make its account in an open writing transaction; return the account's id."""
    made, handle = _made("account", None)
    begin_write()
    account_id = rules.create_account(db.session).id
    passkeys.add(db.session, account_id=account_id, made=made, handle=handle, label=login.device())
    return account_id


def add_passkey(*, first: bool = False) -> None:
    """Check a new passkey and give it to the visitor in an open writing transaction; `first`: only where none opens."""
    account_id = current_user.account_id
    made, handle = _made("passkey", account_id)
    begin_write()
    if first:
        queries.check_doorless(db.session, account_id=account_id, lock=True)
    passkeys.add_to(db.session, account_id=account_id, made=made, handle=handle, label=login.device())


def payload() -> Any:
    """Read the credential that the browser sent; BadInput when there is none."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("credential"), dict):
        raise webauthn.refusal()
    return body["credential"]


def said(content: Any) -> Response:
    """Answer a script; nothing of it may be stored."""
    response = jsonify(content)
    response.headers["Cache-Control"] = "no-store"
    return response


def go_to(target: str) -> Response:
    """Tell the script where to go on."""
    return said({"location": target})


def _take(purpose: str, credential: Any, account_id: int | None) -> tuple[bytes, bytes | None]:
    challenge = webauthn.challenge_in(credential)
    begin_write()
    handle = passkeys.take(
        db.session, purpose=purpose, browser=login.browser(), challenge=challenge, account_id=account_id
    )
    db.session.commit()
    return challenge, handle


def _made(purpose: str, account_id: int | None) -> tuple[webauthn.NewCredential, bytes]:
    credential = payload()
    challenge, handle = _take(purpose, credential, account_id)
    made = webauthn.verify_creation(site(), credential, challenge=challenge)
    return made, handle or b""
