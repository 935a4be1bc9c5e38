"""Extract every text into the catalogues and compile them: python tools/words.py [--check]."""

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "o2o" / "translations"
LOCALES = ("zh_Hans", "en")
# A fixed date, so that the same texts give the same bytes.
DATE = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "N_": None,
    "lazy_gettext": None,
    "_l": None,
    "pgettext": ((1, "c"), 2),
}


def found() -> Catalog:
    """Collect the texts that code and templates show."""
    catalog = Catalog(project="o2o", charset="utf-8")
    for folder in ("o2o", "templates"):
        for name, _line, message, _comments, context in extract_from_dir(
            ROOT / folder,
            method_map=[("**.py", "python"), ("**.html", "jinja2")],
            options_map={"**.html": {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}},
            keywords=KEYWORDS,
            directory_filter=lambda path: "__pycache__" not in path,
        ):
            catalog.add(message, None, [(f"{folder}/{name}", 1)], context=context)
    return catalog


def load(locale: str) -> Catalog:
    """Read a catalogue, or start one."""
    path = HOME / locale / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(locale=locale, project="o2o", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale)


def merge(template: Catalog, old: Catalog, locale: str, more: dict[str, str]) -> Catalog:
    """Keep translations, add new texts (English is its own translation), drop what is gone."""
    catalog = Catalog(locale=locale, project="o2o", charset="utf-8", fuzzy=False)
    catalog.revision_date = catalog.creation_date = DATE
    catalog.header_comment = f"# o2o's texts in {locale}. Written by tools/words.py; translate here."
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = "o2o"
    for message in sorted(
        (m for m in template if m.id), key=lambda m: m.id if isinstance(m.id, str) else m.id[0]
    ):
        before = old.get(message.id, context=message.context)
        string = before.string if before else ""
        plural = not isinstance(message.id, str)
        key = "|||".join(message.id) if plural else message.id
        if locale == "en":
            string = message.id
        elif key in more:
            string = (more[key],) if plural else more[key]
        files = sorted({(name, 0) for name, _line in message.locations})
        catalog.add(message.id, string, [(name, None) for name, _ in files], context=message.context)
    return catalog


def write(catalog: Catalog, locale: str) -> None:
    """Write .po and .mo, byte for byte the same for the same texts."""
    folder = HOME / locale / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    text = io.BytesIO()
    write_po(text, catalog, omit_header=False, sort_output=False, width=110)
    (folder / "messages.po").write_bytes(text.getvalue())
    with (folder / "messages.po").open("rb") as file:
        compiled = read_po(file, locale)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, compiled)


def check() -> int:
    """Name the texts that a catalogue does not have, has in vain, or has not compiled."""
    template, faults = found(), 0
    wanted = {(m.id, m.context) for m in template if m.id}
    for locale in LOCALES:
        have = {(m.id, m.context) for m in load(locale) if m.id}
        for text in sorted(map(str, wanted ^ have)):
            print(f"{locale}: {text}")
            faults += 1
        compiled = io.BytesIO()
        write_mo(compiled, load(locale))
        if compiled.getvalue() != (HOME / locale / "LC_MESSAGES" / "messages.mo").read_bytes():
            print(f"{locale}: messages.mo is older than messages.po")
            faults += 1
    return faults


def main() -> None:
    """Write the catalogues; arguments are JSON files of {English: Chinese}."""
    if "--check" in sys.argv:
        sys.exit(bool(check()))
    more: dict[str, str] = {}
    for name in sys.argv[1:]:
        more |= json.loads(Path(name).read_text())
    template = found()
    for locale in LOCALES:
        catalog = merge(template, load(locale), locale, more if locale == "zh_Hans" else {})
        write(catalog, locale)
        empty = [
            m.id for m in catalog if m.id and not (m.string if isinstance(m.string, str) else all(m.string))
        ]
        print(f"{locale}: {len(catalog)} texts, {len(empty)} without translation")
        print("".join(f"  {text!r}\n" for text in empty), end="")


if __name__ == "__main__":
    main()
