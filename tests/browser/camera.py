"""A camera that shows a QR code: frames for Chromium's fake capture device, drawn without any image library."""

from pathlib import Path

import segno

WIDTH, HEIGHT, FRAMES = 640, 480, 20
PAPER, INK, TABLE = 225, 25, 120


def film(text: str, target: Path, *, side: int = 380) -> Path:
    """Write a YUV film of a code held still in front of the camera."""
    modules = [list(row) for row in segno.make(text, error="m", boost_error=False).matrix_iter(border=4)]
    scale = side // len(modules)
    size = scale * len(modules)
    left, top = (WIDTH - size) // 2, (HEIGHT - size) // 2
    rows = [bytes([TABLE]) * WIDTH for _ in range(HEIGHT)]
    for y, line in enumerate(modules):
        drawn = b"".join(bytes([INK if dark else PAPER]) * scale for dark in line)
        row = bytes([TABLE]) * left + drawn + bytes([TABLE]) * (WIDTH - left - size)
        for step in range(scale):
            rows[top + y * scale + step] = row
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    frame = b"FRAME\n" + b"".join(rows) + grey
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420\n".encode()
    target.write_bytes(head + frame * FRAMES)
    return target
