"""`flask keys`: list, rotate and withdraw the keys that sign passes."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.acts import rules as acts
from o2o.issuer import queries, rules
from o2o.issuer.keys import KeyTrouble, load_keys
from o2o.issuer.models import IssuerKeyState
from o2o.issuer.rules import KeyRefused
from o2o.kernel import clock, journal, migrate
from o2o.kernel.db import begin_write, db
from o2o.kernel.journal import Delivery, Fact

# Tenths of a second that a withdrawal waits for a batch that the worker has taken.
PATIENCE = 300
group = AppGroup("keys", help="The keys that sign passes; see docs/keys.md.")


def spoken(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command say what is wrong with the keys in one sentence."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except (KeyRefused, KeyTrouble) as error:
            db.session.rollback()
            raise click.ClickException(str(error)) from None

    return run


@group.command("list")
@spoken
def list_command() -> None:
    """Show every key: its state, when it was published, from when it signs."""
    rows = queries.key_rows(db.session)
    states = queries.states(rows, clock.now())
    found = load_keys(queries.place_of(db.session))
    click.echo(f"private keys in {queries.place_of(db.session)}")
    if not rows:
        click.echo("no key yet: `flask db upgrade` or the first sale makes one")
    why = {row.kid: row.withdrawn_why for row in db.session.scalars(select(IssuerKeyState))}
    for row in rows:
        days = f"published {_day(row.published_at)}  signs from {_day(row.signs_from)}"
        line = f"{row.kid:3}  {states[row.kid]:9}  {days}"
        if row.withdrawn_at is not None:
            line += f"  withdrawn {_day(row.withdrawn_at)}: {why[row.kid]}"
        elif row.kid not in found:
            line += "  PRIVATE FILE MISSING"
        click.echo(line)
    for kid in sorted(found.keys() - why.keys()) if rows else ():
        click.echo(
            f"{kid:3}  unused     its making was cut short; it never signs, and its file may be deleted"
        )


@group.command("rotate")
@click.option("--at-once", is_flag=True, help="Sign with the new key from now on, not in seven days.")
@spoken
def rotate(at_once: bool) -> None:
    """Publish a new key; it signs in seven days, when every till that was online has learned it."""
    now = clock.now()
    begin_write()
    fresh = (rules.publish_at_once if at_once else rules.publish)(db.session, now=now)
    kid, signs_from = fresh.kid, fresh.signs_from
    acts.record(db.session, verb="keys.rotate", kid=kid, at_once=at_once)
    db.session.commit()
    if at_once:
        click.echo(f"Key {kid} signs from now on.")
        click.echo(
            "Warning: tills that have not synced since it was published say amber to passes sold from now on."
        )
        return
    click.echo(
        f"Key {kid} is published. It signs from {_day(signs_from)} UTC, in seven days; until then nothing changes."
    )


@group.command("withdraw")
@click.argument("kid", type=click.IntRange(1, 255))
@click.option(
    "--why", required=True, help="The reason, which is kept: who may have seen the key, and since when."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@spoken
def withdraw(kid: int, why: str, yes: bool) -> None:
    """End a key for good, and sign every open pass that it signed anew."""
    if not yes:
        click.confirm(
            f"Key {kid} ends for good. Open passes are signed anew, but phones that are offline show the old"
            " signature until they sync, and tills refuse it once they have. Printed passes have to be printed"
            " again. Go on?",
            abort=True,
        )
    begin_write()
    signs = rules.withdraw(db.session, kid=kid, why=why, now=clock.now()).kid
    last = db.session.scalar(select(func.max(Fact.id))) or 0
    acts.record(db.session, verb="keys.withdraw", kid=kid, signs=signs)
    db.session.commit()
    click.echo(f"Key {kid} is withdrawn. Key {signs} signs from now on.")
    _deliver_all(db.session, last)
    click.echo(
        f"{_signed_anew(db.session, kid, last):,} passes were signed anew; the worker looks after any that are left."
    )


@migrate.after_upgrade
def begin(session: Session) -> str:
    """Put the keys of an older town on record, and make a new town's first key before it has tills."""
    try:
        found = rules.adopt(session, now=clock.now())
    except KeyTrouble as error:
        raise click.ClickException(str(error)) from None
    return f"{found} issuer keys put on record" if found else ""


def _deliver_all(session: Session, after: int) -> None:
    """Deliver the withdrawal and what follows from it: each delivery is one batch, and its fact asks for the next."""
    theirs = (Fact.id >= after, Fact.name.in_(("issuer.withdrawn", "passes.resigned")))
    waits = select(Delivery.fact_id).join(Fact, Fact.id == Delivery.fact_id)
    waits = waits.where(*theirs, Delivery.state == "pending", Delivery.tries == 0)
    for _ in range(PATIENCE):
        while journal.deliver(session):
            pass
        # The worker may be at it too: what it has taken looks pending until it commits.
        is_done = session.scalar(waits.limit(1)) is None
        session.rollback()
        if is_done:
            return
        time.sleep(0.1)
        journal.deliver(session, everything=True)


def _signed_anew(session: Session, kid: int, after: int) -> int:
    facts = session.scalars(select(Fact).where(Fact.id > after, Fact.name == "passes.resigned"))
    count = sum(fact.ids["passes"] for fact in facts if fact.ids["kid"] == kid)
    session.rollback()
    return int(count)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(group)
