"""Sign-in links from the server's shell: the first operator, lost passkeys, tests."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from o2o.accounts import queries, rules
from o2o.kernel import deeds
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Refusal

ROLES = ("guest", "owner", "operator")


@click.command("sign-in-link")
@click.argument("name")
@click.option("--create", is_flag=True, help="Make the account when there is none of this name.")
@click.option(
    "--role", type=click.Choice(ROLES), default="guest", help="With --create: what the account may do."
)
@with_appcontext
def sign_in_link(name: str, create: bool, role: str) -> None:
    """Print a one-time address that signs NAME in; it works for ten minutes.

    An owner is an account like any other: the operator gives it its shop.
    """
    begin_write()
    account = queries.account_by_handle(db.session, name)
    if account is None and not create:
        raise click.ClickException(f"There is no account called {name!r}. Add --create to make one.")
    try:
        account = account or rules.create_account(db.session, handle=name)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
    if create and role == "operator":
        rules.make_operator(db.session, account_id=account.id)
    token = rules.make_sign_in_link(db.session, account_id=account.id)
    deeds.record(db.session, verb="sign-in-link", account=account.id, operator=bool(account.is_operator))
    db.session.commit()
    click.echo(f"{current_app.config['O2O'].base_url}/sign-in/{token}")


def init_app(app: Flask) -> None:
    """Register the command."""
    app.cli.add_command(sign_in_link)
