"""Keep the issuer's private keys: one file per key in a folder of their own; who may sign is said elsewhere."""

import os
import re
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from o2o.kernel.tokens import PrivateKey, PublicKey

FIRST_KID: Final = 1
LAST_KID: Final = 255

_NAME: Final = re.compile(r"issuer-([0-9]{3})\.pem")
_MADE: Final = re.compile(r"Made: ([0-9T:+-]{1,40})\n")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_KEY_FILE_LIMIT: Final = 8192

_Print = tuple[tuple[str, int, int, int, int], ...]


class KeyTrouble(Exception):
    """Say which key file is wrong and what the operator can do about it."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """Hold one issuer key; `kid` (1..255) is its number in tokens, `made` the instant of its making."""

    kid: int
    private: PrivateKey = field(repr=False)
    public: PublicKey
    made: datetime


# Reading a key costs more than a signature does; a file's print changes whenever its content may have.
_cache: dict[Path, tuple[_Print, dict[int, IssuerKey]]] = {}


def make_key(place: Path, kid: int, now: datetime) -> IssuerKey:
    """Return key `kid`, made in `place` (0700) as issuer-NNN.pem (0600) unless its file is there already.

    Of processes that make the same number at once, the first one's key stands for all. Raises KeyTrouble, and
    makes nothing, when anything in the folder is not a sound key of ours, or when numbers have run out.
    """
    if kid > LAST_KID:
        raise KeyTrouble(f"All {LAST_KID} numbers of issuer keys are used up.")
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if kid not in load_keys(place):
            _make(place, kid, now)
    except OSError as error:
        raise KeyTrouble(f"The issuer key cannot be made in {place}: {error.strerror or error}.") from error
    return load_keys(place)[kid]


def load_keys(place: Path) -> dict[int, IssuerKey]:
    """Return every issuer key in `place` by its number; empty when there is no such folder yet.

    Read again only after a file changed. Raises KeyTrouble for a file that others can read, that is damaged,
    of another kind, or not named issuer-NNN.pem.
    """
    try:
        if not place.exists():
            return {}
        seen = _print(place)
    except OSError as error:
        raise KeyTrouble(f"The issuer keys in {place} cannot be read: {error.strerror or error}.") from error
    known = _cache.get(place)
    if known is None or known[0] != seen:
        known = (seen, _read_all(place, seen))
        _cache[place] = known
    return dict(known[1])


def public_keys(keys: Mapping[int, IssuerKey]) -> dict[int, PublicKey]:
    """Return what verifying needs: the public key of each number."""
    return {kid: key.public for kid, key in keys.items()}


def _print(place: Path) -> _Print:
    rows = []
    with os.scandir(place) as entries:
        for entry in entries:
            # Hidden files are half-made keys of a process that died, or the file system's own.
            if not entry.name.startswith("."):
                status = entry.stat()
                rows.append((entry.name, status.st_mode, status.st_mtime_ns, status.st_size, status.st_ino))
    rows.append((".", place.stat().st_mode, 0, 0, 0))
    return tuple(sorted(rows))


def _read_all(place: Path, seen: _Print) -> dict[int, IssuerKey]:
    keys = {}
    for name, mode, _, size, _ in seen:
        path = place if name == "." else place / name
        if os.name == "posix" and mode & _OTHERS:
            wanted = "700" if name == "." else "600"
            raise KeyTrouble(f"{path} is open to other users of this machine. Run: chmod {wanted} {path}")
        if name != ".":
            key = _read(path, mode, size)
            keys[key.kid] = key
    return keys


def _read(path: Path, mode: int, size: int) -> IssuerKey:
    match = _NAME.fullmatch(path.name)
    if match is None or not FIRST_KID <= int(match[1]) <= LAST_KID or not stat.S_ISREG(mode):
        raise KeyTrouble(f"{path} is not named like a key (issuer-001.pem). Move it elsewhere.")
    if size > _KEY_FILE_LIMIT:
        raise KeyTrouble(f"{path} is too large for a key. Restore it from the backup.")
    try:
        text = path.read_bytes()
        private = load_pem_private_key(text, password=None)
        made = datetime.fromisoformat(_made(text))
    except OSError as error:
        raise KeyTrouble(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyTrouble(f"{path} is damaged or not a key of ours. Restore it from the backup.") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != ec.SECP256R1.name:
        raise KeyTrouble(f"{path} holds another kind of key than P-256. Restore it from the backup.")
    return IssuerKey(int(match[1]), private, private.public_key(), made)


def _made(text: bytes) -> str:
    match = _MADE.match(text.decode("ascii"))
    if match is None:
        raise ValueError("no line that says when the key was made")
    return match[1]


def _make(place: Path, kid: int, now: datetime) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    made = now.astimezone(UTC).isoformat(timespec="seconds")
    half = place / f".new-{secrets.token_hex(8)}"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"Made: {made}\n".encode() + pem)
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, never replaces: of two processes the second keeps the first one's key.
        with suppress(FileExistsError):
            os.link(half, place / f"issuer-{kid:03d}.pem")
    finally:
        half.unlink(missing_ok=True)
    _settle(place)


def _settle(place: Path) -> None:
    """Make the new name survive a power cut: a key that signed and then vanished would void passes."""
    if os.name != "posix":
        return
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
