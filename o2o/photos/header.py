"""What the first bytes say: which kind of picture, and how large it would be, before anything is decoded."""

import struct
from typing import NamedTuple

from o2o.kernel.errors import BadInput
from o2o.kernel.words import N_

MOST_PIXELS = 24_000_000
LONGEST_SIDE = 20_000
# A progressive JPEG is decoded once over for every scan; cameras write ten, a bomb thousands.
MOST_SCANS = 50
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_NO_LENGTH = {0x01, *range(0xD0, 0xD9)}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

KINDS = N_("Photos can be JPEG, PNG or WebP. This file is something else.")
SVG = N_("This is an SVG drawing. Photos can be JPEG, PNG or WebP: send a photo of it.")
GIF = N_("This is a GIF. Photos can be JPEG, PNG or WebP: send a still picture.")
HEIC = N_(
    "This is a HEIC photo, which not everybody can see. Save it as JPEG first (on an iPhone: Settings, Camera, "
    "Formats, Most Compatible), or send a screenshot of it."
)
EMPTY = N_("This file is empty. Choose the photo again.")
BROKEN = N_("This photo is damaged or not complete. Choose it again, or another one.")
PIXELS = N_("This photo has more than %(most)s million pixels. Send it smaller.")


class Size(NamedTuple):
    """The kind of a picture (JPEG, PNG, WEBP) and its width and height in pixels."""

    kind: str
    width: int
    height: int


def refuse(code: str, sentence: str, status: int, **params: object) -> BadInput:
    """Make the refusal of a photo; it names the field of the form."""
    return BadInput(code, sentence, status=status, field="photos", **params)


def broken() -> BadInput:
    """Make the refusal of a photo that cannot be decoded."""
    return refuse("broken", BROKEN, 422)


def measure(data: bytes) -> Size:
    """Read kind and size from the header; never from a name or a declared type.

    Raises BadInput: not_a_photo (415), broken (422), too_many_pixels (422).
    """
    if not data:
        raise refuse("broken", EMPTY, 422)
    try:
        size = _measure(data)
    except (struct.error, IndexError) as error:
        raise broken() from error
    check_pixels(size.width, size.height)
    return size


def check_pixels(width: int, height: int) -> None:
    """Refuse a picture of no size, or of one that decoding would not survive."""
    if width < 1 or height < 1:
        raise broken()
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise refuse("too_many_pixels", PIXELS, 422, most=MOST_PIXELS // 1_000_000)


def _measure(data: bytes) -> Size:
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        if data[12:16] != b"IHDR":
            raise broken()
        return Size("PNG", *struct.unpack_from(">II", data, 16))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    raise refuse("not_a_photo", _why_not(data), 415)


def _jpeg(data: bytes) -> Size:
    if data.count(b"\xff\xda") > MOST_SCANS:
        raise broken()
    at = 2
    while True:
        if data[at] != 0xFF:
            raise broken()
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 3)
            return Size("JPEG", width, height)
        if marker in (0xD9, 0xDA):
            raise broken()
        if marker not in _NO_LENGTH:
            at += max(2, struct.unpack_from(">H", data, at)[0])


def _webp(data: bytes) -> Size:
    chunk = data[12:16]
    if chunk == b"VP8X":
        return Size(
            "WEBP", 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        )
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return Size("WEBP", width & 0x3FFF, height & 0x3FFF)
    if chunk == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return Size("WEBP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    raise broken()


def _why_not(data: bytes) -> str:
    """Say what a file is that people take for a photo."""
    if data.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return HEIC
    start = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<") and b"<svg" in start:
        return SVG
    return KINDS
