"""Both languages are complete, and what is shown is in the catalogue."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.house.tree import ROOT

LOCALES = ("zh_Hans", "en")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
CHINESE = re.compile(r"[一-鿿]")


def catalogue(locale: str):  # type: ignore[no-untyped-def]
    path = ROOT / "o2o" / "translations" / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_is_translated(locale: str) -> None:
    missing = [m.id for m in catalogue(locale) if m.id and (not m.string or m.fuzzy or not all(m.string))]
    assert missing == []


@pytest.mark.parametrize("locale", LOCALES)
def test_placeholders_survive_translation(locale: str) -> None:
    for message in catalogue(locale):
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[-1]
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        for text in strings:
            assert set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(source)), message.id


def test_the_catalogues_know_every_text_in_the_code(tmp_path: Path) -> None:
    """Extract again: nothing may be new."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "words.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_chinese_is_written_into_templates() -> None:
    """Texts come from the catalogue; only the names of the languages stand as they are."""
    for path in (ROOT / "templates").rglob("*.html"):
        text = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S).replace("中文", "")
        assert not CHINESE.search(text), path


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.stem)
def test_moments_are_written_for_html(path: Path) -> None:
    """HTML takes three digits of a second; isoformat() writes six."""
    assert "isoformat" not in path.read_text(), "use the filter iso"
