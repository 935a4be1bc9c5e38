"""Decode a picture once, turn and shrink it, and write it anew: nothing but its colours goes over."""

import logging
import warnings
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageCms, PngImagePlugin

from o2o.kernel.errors import Busy, Refusal
from o2o.photos.header import MOST_PIXELS, broken, check_pixels
from o2o.photos.models import SMALL

log = logging.getLogger("o2o.photos")
LARGE = 1600
QUALITY = 80
FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_PROFILE = 1024 * 1024  # bytes; a press profile for CMYK has about half of that
PAPER = (255, 255, 255)
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# The library's own last doors, behind measure(): pixels, and texts that unpack to more than they are.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
PngImagePlugin.MAX_TEXT_CHUNK = 1024 * 1024
PngImagePlugin.MAX_TEXT_MEMORY = 4 * 1024 * 1024
warnings.simplefilter("error", Image.DecompressionBombWarning)


class Drawn(NamedTuple):
    """Both sizes as WebP files, and the large one's width and height."""

    large: bytes
    small: bytes
    width: int
    height: int


def redraw(data: bytes) -> Drawn:
    """Decode and write a picture anew, at most LARGE and SMALL pixels on its longer side.

    Only for bytes that header.measure took. An animation gives its first frame, transparency becomes white paper.
    Raises BadInput: broken (422), too_many_pixels (422); Busy when memory ran out.
    """
    try:
        large = _decode(data)
        small = large.copy()
        small.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
        return Drawn(_encode(large), _encode(small), large.width, large.height)
    except Refusal:
        raise
    except MemoryError as error:
        raise Busy from error
    except Exception as error:
        # Whatever a decoder trips over on a stranger's bytes is the file's fault, and said so.
        log.info("a photo could not be decoded: %r", error)
        raise broken() from error


def _decode(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        check_pixels(*image.size)
        profile = image.info.get("icc_profile")
        # Asks JPEG's decoder for a half, a quarter, an eighth: most of the time is saved here.
        image.draft(image.mode, _fit(image.size))
        image.load()
        turn = TURNS.get(_orientation(image))
        plain = _coloured(image)
        plain.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    drawn = _in_srgb(plain, profile)
    return drawn.transpose(turn) if turn is not None else drawn


def _fit(size: tuple[int, int]) -> tuple[int, int]:
    factor = min(1.0, LARGE / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        # Damaged camera data is no reason to refuse a picture: it is thrown away anyway.
        return 1


def _coloured(image: Image.Image) -> Image.Image:
    """Give the picture in RGB, L or CMYK, without transparency."""
    if image.mode.startswith(("I", "F")):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        above = image.convert("RGBA")
        paper = Image.new("RGB", image.size, PAPER)
        paper.paste(above, mask=above.getchannel("A"))
        return paper
    return image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Turn the colours of another profile into sRGB, which is what a file without a profile means."""
    if profile and len(profile) <= LARGEST_PROFILE:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            turned = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if turned is not None:
                return turned
        except (ImageCms.PyCMSError, OSError, ValueError):
            log.info("a photo's colour profile could not be read")
    return image.convert("RGB")


def _encode(image: Image.Image) -> bytes:
    # What a picture knows besides its pixels stays here.
    image.info.clear()
    file = BytesIO()
    image.save(file, "WEBP", quality=QUALITY, method=3)
    return file.getvalue()
