"""A throw-away PostgreSQL cluster for tests: started once, kept in the temp folder, one database per worker."""

import fcntl
import getpass
import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from o2o.kernel import migrate

HOME = Path(tempfile.gettempdir()) / f"o2o-test-postgres-{os.getuid()}"
PORT = 54329
SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c listen_addresses="


def binaries() -> Path | None:
    """Find initdb and pg_ctl: on the PATH or where Debian keeps them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def cluster() -> str:
    """Return the base address of the running cluster, starting it when needed."""
    folder = binaries()
    if folder is None:
        message = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    HOME.mkdir(exist_ok=True)
    user = "postgres" if os.getuid() == 0 else getpass.getuser()
    with (HOME.parent / f"{HOME.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _runs(folder, user):
            _start(folder, user)
    return f"postgresql+psycopg://{user}@/{{name}}?host={HOME}&port={PORT}"


def _as(user: str, *command: str) -> list[str]:
    return ["runuser", "-u", user, "--", *command] if os.getuid() == 0 else list(command)


def _runs(folder: Path, user: str) -> bool:
    status = _as(user, str(folder / "pg_ctl"), "-D", str(HOME / "data"), "status")
    return subprocess.run(status, capture_output=True, cwd="/").returncode == 0


def _start(folder: Path, user: str) -> None:
    if os.getuid() == 0:
        shutil.chown(HOME, user)
    if not (HOME / "data" / "PG_VERSION").exists():
        shutil.rmtree(HOME / "data", ignore_errors=True)
        init = _as(
            user,
            str(folder / "initdb"),
            "-D",
            str(HOME / "data"),
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        subprocess.run(init, check=True, capture_output=True, cwd="/")
    options = f"{SETTINGS} -c port={PORT} -c unix_socket_directories={HOME}"
    start = _as(
        user,
        str(folder / "pg_ctl"),
        "-D",
        str(HOME / "data"),
        "-l",
        str(HOME / "log"),
        "-w",
        "-o",
        options,
        "start",
    )
    subprocess.run(start, check=True, capture_output=True, cwd="/")


def _admin(statement: str) -> None:
    address = cluster().format(name="postgres").replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())


def fresh_database() -> str:
    """Create an empty database and return its address for SQLAlchemy."""
    name = f"o2o_{uuid.uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name}")
    return cluster().format(name=name)


def drop_database(address: str) -> None:
    """Drop a database made by fresh_database."""
    name = address.split("@/")[1].split("?")[0]
    _admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def bring_up(app: Flask) -> None:
    """Bring the database to the newest tables the way a town does."""
    migrate.upgrade()
