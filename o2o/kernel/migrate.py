"""Migrations: `flask db upgrade` and what a developer needs to write the next one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from o2o.kernel.config import ROOT
from o2o.kernel.db import Base, begin_write, db

if TYPE_CHECKING:  # half a second of imports that serving a migrated town can do without
    from alembic.config import Config

_REVISION = re.compile(r"""^(down_)?revision\b[^=]*= *["']([0-9a-z_]+)["']""", re.MULTILINE)
SETTLING: list[Callable[[Session], str]] = []
group = AppGroup("db", help="Migrate the database.")


def alembic_config() -> Config:
    """Point Alembic at the migrations folder; the database comes from the app."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def upgrade(revision: str = "head") -> None:
    """Bring the database to `revision` in one transaction; running it twice changes nothing."""
    from alembic import command

    command.upgrade(alembic_config(), revision)


def after_upgrade(work: Callable[[Session], str]) -> Callable[[Session], str]:
    """Register what a room brings up to date once the tables are; it says what it did, or nothing."""
    SETTLING.append(work)
    return work


def settle() -> None:
    """Let every room bring up to date what new tables or rules want anew; say what was done."""
    for work in SETTLING:
        begin_write()
        said = work(db.session)
        db.session.commit()
        if said:
            click.echo(said)


def head() -> str | None:
    """Return the newest revision that this code knows: the one that no other follows."""
    found: dict[str, str] = {}
    followed = set()
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        for down, revision in _REVISION.findall(path.read_text(encoding="utf-8")):
            if down:
                followed.add(revision)
            else:
                found[revision] = path.name
    heads = found.keys() - followed
    if len(heads) > 1:
        raise RuntimeError(f"migrations have several heads: {sorted(found[head] for head in heads)}")
    return next(iter(heads), None)


def current() -> str | None:
    """Return the revision the database is at."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def is_current() -> bool:
    """Tell whether the database is at the newest revision."""
    return current() == head()


def drift() -> list[str]:
    """List what differs between the models and the migrated database."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [repr(change) for change in compare_metadata(context, Base.metadata)]


@group.command("upgrade")
def upgrade_command() -> None:
    """Migrate to the newest tables."""
    upgrade()
    settle()
    click.echo(f"database at {current()}")


@group.command("revision")
@click.option("-m", "--message", required=True)
def revision_command(message: str) -> None:
    """Write a migration from the difference between the models and the database."""
    from alembic import command

    command.revision(alembic_config(), message=message, autogenerate=True)
