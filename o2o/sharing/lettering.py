"""Which words can be written, with which font: a share picture never shows boxes for letters it lacks."""

import shutil
import subprocess
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

# (bold, regular, number of the simplified Chinese face in the collection)
KNOWN: tuple[tuple[str, str, int], ...] = (
    ("opentype/noto/NotoSansCJK-Bold.ttc", "opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("noto-cjk/NotoSansCJK-Bold.ttc", "noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("google-noto-cjk/NotoSansCJK-Bold.ttc", "google-noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("truetype/wqy/wqy-zenhei.ttc", "truetype/wqy/wqy-zenhei.ttc", 0),
    ("truetype/wqy/wqy-microhei.ttc", "truetype/wqy/wqy-microhei.ttc", 0),
    ("PingFang.ttc", "PingFang.ttc", 0),
    ("Hiragino Sans GB.ttc", "Hiragino Sans GB.ttc", 0),
    ("msyhbd.ttc", "msyh.ttc", 0),
)
FOLDERS = tuple(
    Path(name)
    for name in ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "C:/Windows/Fonts")
)
# A code point that no font may give a glyph: what it shows is what a missing letter shows.
NOTHING = "\uffff"
# Symbols (emoji among them), joiners, surrogates, private and unassigned ones; but for the two we write ourselves.
UNWRITTEN = ("So", "Sk", "Cf", "Cs", "Co", "Cn")
KEPT = "©°"
Face = tuple[str, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def faces(setting: str) -> tuple[Face, Face] | None:
    """Find a font with Chinese, (bold, regular): the setting's, a known one, what fontconfig names; None without."""
    if setting:
        return ((setting, 0), (setting, 0)) if _opens(setting, 0) else None
    for bold, regular, number in KNOWN:
        for folder in FOLDERS:
            if _opens(str(folder / regular), number):
                heavy = str(folder / (bold if _opens(str(folder / bold), number) else regular))
                return (heavy, number), (str(folder / regular), number)
    asked = _ask_fontconfig()
    return (asked, asked) if asked else None


def _opens(path: str, number: int) -> bool:
    try:
        ImageFont.truetype(path, 20, index=number)
    except OSError:
        return False
    return True


def _ask_fontconfig() -> Face | None:
    tool = shutil.which("fc-match")
    if tool is None:
        return None
    command = [tool, "-f", "%{file}|%{index}", "sans:lang=zh-cn"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)  # noqa: S603 our words
    path, _bar, number = done.stdout.partition("|")
    face = path, int(number) if number.isdigit() else 0
    return face if _opens(*face) else None


@lru_cache(maxsize=64)
def font(setting: str, size: int, *, bold: bool = False, plain: bool = False) -> Font:
    """Open a font; `plain` is the Latin one that comes with the drawing library."""
    found = None if plain else faces(setting)
    if found is None:
        return ImageFont.load_default(size)
    path, number = found[0 if bold else 1]
    return ImageFont.truetype(path, size, index=number)


@lru_cache(maxsize=8192)
def has(setting: str, letter: str, *, plain: bool) -> bool:
    """Tell whether the font draws this letter: what looks like the missing one is missing."""
    return letter.isspace() or _look(font(setting, 20, plain=plain), letter) != _missing(setting, plain)


@cache
def _missing(setting: str, plain: bool) -> bytes:
    return _look(font(setting, 20, plain=plain), NOTHING)


def _look(small: Font, letter: str) -> bytes:
    canvas = Image.new("L", (48, 48), 0)
    ImageDraw.Draw(canvas).text((8, 8), letter, fill=255, font=small)
    return canvas.tobytes()


def writable(setting: str, text: str) -> tuple[str, bool]:
    """Return what of a text can be written, and whether the plain font writes it.

    Emoji and marks that join letters go first; then a line is written whole, or without the words that
    neither font knows, or not at all when that would be most of it.
    """
    words = "".join(
        letter for letter in text if letter in KEPT or unicodedata.category(letter) not in UNWRITTEN
    ).split()
    tries = [
        ([word for word in words if all(has(setting, letter, plain=plain) for letter in word)], plain)
        for plain in (False, True)
    ]
    kept, plain = max(tries, key=lambda one: len("".join(one[0])))
    whole = len(kept) == len(words) or 2 * len("".join(kept)) > len("".join(words))
    return (" ".join(kept) if whole else ""), plain


def wrap(text: str, chosen: Font, width: int, lines: int) -> list[str] | None:
    """Break a text into at most `lines` lines of `width` pixels, at spaces or between Chinese; None if it is longer."""
    if not text:
        return []
    found = [""]
    for piece in _pieces(text):
        if chosen.getlength((found[-1] + piece).rstrip()) <= width:
            found[-1] += piece
        elif len(found) == lines or chosen.getlength(piece.strip()) > width:
            return None
        else:
            found.append(piece.lstrip())
    return [line.strip() for line in found]


def _pieces(text: str) -> list[str]:
    """Cut where a line may end: after spaces and around wide letters; no line starts with a closing mark."""
    pieces: list[str] = []
    for letter in text:
        last = pieces[-1][-1] if pieces else " "
        closes = unicodedata.category(letter) in ("Pe", "Po", "Pf") and not last.isspace()
        inside = not (last.isspace() or is_wide(last) or is_wide(letter))
        if pieces and (letter.isspace() or closes or inside):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def is_wide(letter: str) -> bool:
    """Tell whether a letter takes a whole square, as Chinese does."""
    return unicodedata.east_asian_width(letter) in "WF"


def shorten(text: str, chosen: Font, width: int, lines: int) -> list[str]:
    """Break a text as wrap() does; one that is too long ends with dots."""
    whole = wrap(text, chosen, width, lines)
    if whole is not None:
        return whole
    for end in range(len(text), 0, -1):
        found = wrap(text[:end].rstrip() + "…", chosen, width, lines)
        if found:
            return found
    return []
