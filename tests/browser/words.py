"""Labels as the visitor reads them, from the catalogues: tests name them by their English text."""

from functools import cache

from babel.messages.pofile import read_po

from tests.house.tree import ROOT


@cache
def catalogue(locale: str) -> dict[str, str]:
    """Read a catalogue once."""
    name = "zh_Hans" if locale.startswith("zh") else "en"
    with (ROOT / "o2o" / "translations" / name / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, name) if isinstance(m.id, str)}


def say(locale: str, text: str, **values: object) -> str:
    """Give a label in the visitor's language; KeyError when no page can show it."""
    return catalogue(locale)[text] % values if values else catalogue(locale)[text]
