"""Settings from the environment: one table, documented in docs/settings.md, compared by a test."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]

# name: (default, what it does). docs/settings.md shows this table; a test compares the two.
SETTINGS: dict[str, tuple[str, str]] = {
    "O2O_DATABASE_URL": ("", "database; default is SQLite in the data folder, or postgresql+psycopg://…"),
    "O2O_DATA_DIR": ("instance", "folder for the database, issuer keys and the secret key"),
    "O2O_KEYS_DIR": ("", "folder of the issuer's private keys alone; default is keys in the data folder"),
    "O2O_BASE_URL": ("http://localhost:8000", "public origin; the passkey RP id comes from it"),
    "O2O_SECRET_KEY": ("", "signs the session cookie; made and stored in the data folder when absent"),
    "O2O_TILE_URL": ("", "map tiles from elsewhere, {z}/{x}/{y}; default is the town's own drawing"),
    "O2O_REDIS_URL": ("", "shared cache for many workers; accepted, and read by nothing yet"),
    "O2O_SITE_NAME": ("", "name on the pages; default is the town's name"),
    "O2O_CONTACT": ("", "how people reach you, best a mail address; shown on the imprint and privacy pages"),
    "O2O_FONT": ("", "font file with Chinese for share pictures; default is one found on the system"),
    "O2O_PAYMENTS": (
        "sandbox",
        "payment provider: sandbox plays the bank and moves no money; none gives coupons only (production's default)",
    ),
    "O2O_ENV": ("development", "production refuses the sandbox and demo towns"),
}


class BadSetting(ValueError):
    """A setting makes no sense; the message names it and says what would."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked."""

    database_url: str
    data_dir: Path
    keys_dir: Path
    base_url: str
    secret_key: str
    tile_url: str
    redis_url: str
    site_name: str
    contact: str
    font: str
    payments: str
    env: str

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def is_secure(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def rp_id(self) -> str:
        """Give the host name that passkeys are bound to."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def uses_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def read_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read settings from the environment and `overrides`; raise BadSetting naming the wrong one."""
    given = {name: str((overrides or {}).get(name, os.environ.get(name, "")) or "") for name in SETTINGS}
    value = {name: given[name] or SETTINGS[name][0] for name in SETTINGS}
    data_dir = ROOT / value["O2O_DATA_DIR"]
    data_dir.mkdir(parents=True, exist_ok=True)
    keys_dir = ROOT / value["O2O_KEYS_DIR"] if value["O2O_KEYS_DIR"] else data_dir / "keys"
    if data_dir.resolve().is_relative_to(keys_dir.resolve()):
        raise BadSetting("O2O_KEYS_DIR must be a folder of its own, with nothing in it but keys")
    url = value["O2O_DATABASE_URL"] or f"sqlite:///{data_dir / 'o2o.db'}"
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("O2O_DATABASE_URL must start with sqlite:/// or postgresql+psycopg://")
    base = value["O2O_BASE_URL"].rstrip("/")
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        raise BadSetting("O2O_BASE_URL must be an origin such as https://town.example")
    if value["O2O_ENV"] not in ("development", "production"):
        raise BadSetting("O2O_ENV must be development or production")
    if value["O2O_PAYMENTS"] not in ("sandbox", "none"):
        raise BadSetting("O2O_PAYMENTS must be sandbox or none")
    if value["O2O_ENV"] == "production":
        if given["O2O_PAYMENTS"] == "sandbox":
            raise BadSetting(
                "O2O_PAYMENTS=sandbox moves no money: production needs none (coupons only, for now)"
            )
        value["O2O_PAYMENTS"] = "none"
    return Settings(
        database_url=url,
        data_dir=data_dir,
        keys_dir=keys_dir,
        base_url=base,
        secret_key=value["O2O_SECRET_KEY"] or _stored_secret(data_dir / "secret_key"),
        tile_url=value["O2O_TILE_URL"],
        redis_url=value["O2O_REDIS_URL"],
        site_name=value["O2O_SITE_NAME"],
        contact=value["O2O_CONTACT"].strip(),
        font=value["O2O_FONT"],
        payments=value["O2O_PAYMENTS"],
        env=value["O2O_ENV"],
    )


def _stored_secret(path: Path) -> str:
    """Return the stored secret, making it once; two processes starting together agree on one."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        stored = path.read_text().strip()
        if len(stored) < 32:
            raise BadSetting(
                f"{path} is damaged; restore it, or delete it and everybody signs in again"
            ) from None
        return stored
    with os.fdopen(handle, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
