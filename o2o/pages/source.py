"""Where a page's text comes from: the operator's file, or the default that ships with the house."""

import os
import stat
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from o2o.kernel.words import N_

LANGUAGES = ("zh-Hans", "en")
LARGEST = 200 * 1024
DEFAULTS = Path(__file__).with_name("texts")

# name: (address, title). The name is the file's.
PAGES: dict[str, tuple[str, str]] = {
    "about": ("/about", N_("About us")),
    "terms": ("/about/terms", N_("Terms of use")),
    "privacy": ("/about/privacy", N_("Privacy")),
    "imprint": ("/about/imprint", N_("Imprint")),
    "who-bears-what": ("/about/who-bears-what", N_("Who bears what")),
}


class BadText(Exception):
    """A file of the operator's cannot be shown; the message says why, in English for the shell."""


@dataclass(frozen=True, slots=True)
class Text:
    """A page's source: whose it is, in which language, and a mark that changes with it."""

    source: str
    language: str
    is_own: bool
    mark: tuple[int, ...] = ()


def find(folder: Path, name: str, language: str) -> Text:
    """Return the operator's text in this language, else their text in the other, else the default.

    What the operator wrote in one language stands for both: a default must never contradict it.
    """
    for tried in (language, *(other for other in LANGUAGES if other != language)):
        try:
            own = read_own(folder, name, tried)
        except BadText:
            continue
        if own is not None:
            return own
    return Text(default(name, language), language, is_own=False)


@cache
def default(name: str, language: str) -> str:
    """Return the text that ships with the house."""
    return (DEFAULTS / f"{name}.{language}.md").read_text(encoding="utf-8")


def read_own(folder: Path, name: str, language: str) -> Text | None:
    """Read `folder`/<name>.<language>.md, None when there is none; raise BadText when it cannot be shown.

    Links are not followed and only plain files are read: the folder may be filled by others than the operator.
    """
    path = folder / f"{name}.{language}.md"
    try:
        before = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadText(f"{path} cannot be read: {error.strerror}") from error
    mark = (before.st_mtime_ns, before.st_size, before.st_ino)
    kept = _KEPT.get(path)
    if kept is None or kept[0] != mark:
        kept = _KEPT[path] = mark, _read(path)
    text = kept[1]
    if isinstance(text, BadText):
        raise text
    return Text(text, language, is_own=True, mark=mark)


# At most ten files of one house: five pages in two languages.
_KEPT: dict[Path, tuple[tuple[int, ...], str | BadText]] = {}


def _read(path: Path) -> str | BadText:
    try:
        # Not blocking: a pipe by this name must not hang the visitor.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return BadText(f"{path} cannot be read: {error.strerror}")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return BadText(f"{path} is no plain file")
    with os.fdopen(handle, "rb") as file:
        body = file.read(LARGEST + 1)
    if len(body) > LARGEST:
        return BadText(f"{path} is larger than {LARGEST // 1024} KB")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return BadText(f"{path} is not UTF-8 (byte {error.start})")
    return text if text.strip() else BadText(f"{path} is empty")


def faults(folder: Path) -> list[str]:
    """Say what is wrong with the operator's files, one line each."""
    found = []
    for name in PAGES:
        for language in LANGUAGES:
            try:
                read_own(folder, name, language)
            except BadText as fault:
                found.append(str(fault))
    return found


def written(folder: Path) -> dict[str, list[str]]:
    """Tell per page in which languages the operator wrote their own text."""
    found: dict[str, list[str]] = {}
    for name in PAGES:
        found[name] = []
        for language in LANGUAGES:
            try:
                own = read_own(folder, name, language)
            except BadText:
                continue
            if own is not None:
                found[name].append(language)
    return found
