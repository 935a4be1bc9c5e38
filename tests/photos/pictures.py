"""Pictures made in code: sound ones of every kind, and files that only look like one."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

PLACE = {1: "N", 2: (39.0, 59.0, 31.2), 3: "E", 4: (116.0, 20.0, 16.8)}
CANARY = b"CANARY-IN-THE-PICTURE"


def scene(width: int = 640, height: int = 480) -> Image.Image:
    """Draw something with a bright corner at the top left, so that turning shows."""
    slope = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge(
        "RGB", (slope, slope.transpose(Image.Transpose.ROTATE_180).resize((width, height)), slope)
    )
    picture.paste((255, 0, 0), (0, 0, width // 4, height // 4))
    return picture


def written(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Write a picture in a format."""
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def with_place(kind: str = "JPEG", orientation: int = 1, size: tuple[int, int] = (640, 480)) -> bytes:
    """Write a picture as a phone does: with its place, its camera, its turn, and a comment."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = CANARY.decode()
    exif.get_ifd(0x8825).update(PLACE)
    more: dict[str, Any] = {"comment": CANARY} if kind == "JPEG" else {}
    if kind != "PNG":
        more["xmp"] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"
    return written(scene(*size), kind, exif=exif, **more)


def chunk(name: bytes, content: bytes) -> bytes:
    """Make a PNG chunk."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_bomb(width: int = 9000, height: int = 9000) -> bytes:
    """Write a small PNG of many pixels: rows of nothing, squeezed twice as well as they can be."""
    squeeze = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    rows = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def text_bomb(name: bytes) -> bytes:
    """Write a sound little PNG with a chunk that unpacks to 200 MB."""
    sound = written(scene(8, 8), "PNG")
    packed = zlib.compress(b"\0" * 200_000_000, 9)
    bomb = chunk(name, b"x\0\0" + packed)
    return sound[:33] + bomb + sound[33:]


def scan_bomb(scans: int = 4000) -> bytes:
    """Write a progressive JPEG whose last scan comes again and again."""
    sound = written(scene(3000, 2000), "JPEG", progressive=True)
    last = sound.rindex(b"\xff\xda")
    return sound[:last] + sound[last:-2] * scans + b"\xff\xd9"


def swapped_colours() -> bytes:
    """Write a red JPEG whose profile says that what it calls red is blue."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    table = 128 + 4 + 12 * int.from_bytes(profile[128:132])
    head = profile[:table].replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
    assert head != profile[:table]
    return written(
        Image.new("RGB", (64, 64), (200, 30, 30)), "JPEG", icc_profile=head + profile[table:], quality=95
    )


GIF = written(Image.new("P", (8, 8)), "GIF")
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 400
