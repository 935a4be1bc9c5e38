"""The first way into an account that has none: somebody who came by a one-time link meets a step that asks for proof.

There is nothing to prove with, and only their login says who they are; so that login may make the first passkey or
recovery key, and goes on as one that has just been confirmed; the account's inbox says so on every device. With any way
in, this page makes none: a login that somebody left open must not become a key. The platform's own accounts never come
in like this, they have the shell.
"""

from flask import Blueprint, Response
from flask_babel import gettext as _
from flask_login import current_user

from o2o.accounts import ceremonies, keys, login, queries, recovery
from o2o.accounts.forms import NonceForm
from o2o.accounts.sign_in import limit, target
from o2o.kernel import journal
from o2o.kernel.access import policy, signed_in
from o2o.kernel.db import begin_write, db
from o2o.kernel.web import see_other, toast

bp = Blueprint("first_door", __name__, url_prefix="/sign-in/first")


@bp.post("/passkey/options")
@policy(signed_in)
def passkey_options() -> Response:
    """Give the options for the account's first passkey."""
    limit("ceremony", 120)
    queries.check_doorless(db.session, account_id=current_user.account_id)
    return ceremonies.offer("passkey")


@bp.post("/passkey")
@policy(signed_in)
def passkey() -> Response:
    """Give the account its first passkey, and go on as confirmed."""
    account_id = current_user.account_id
    ceremonies.add_passkey(first=True)
    token = login.start(account_id)
    db.session.commit()
    journal.deliver(db.session)
    login.keep(token)
    toast(_("Your new passkey works from now on."))
    return ceremonies.go_to(target())


@bp.post("/key")
@policy(signed_in)
def key() -> Response:
    """Give the account its first recovery key, show it, and go on as confirmed; sent twice it is one key."""
    nonce, account_id = NonceForm().checked(), current_user.account_id
    begin_write()
    recovery.first_key(db.session, account_id=account_id, key=keys.recovery_key(login.secret(), nonce))
    token = login.start(account_id)
    db.session.commit()
    journal.deliver(db.session)
    login.keep(token)
    return see_other(login.show_once("key", nonce, target()))
