"""A camera that shows a QR code: frames for Chromium's fake capture device, drawn from its digits or from a screen."""

import io
from pathlib import Path

import segno
from PIL import Image
from playwright.sync_api import Page, expect

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


def film_of(picture: bytes, target: Path, *, side: int = 400) -> Path:
    """Write a film of what another phone's screen shows: a PNG of the code, held still in front of the camera."""
    screen = Image.open(io.BytesIO(picture)).convert("L")
    screen.thumbnail((side, side))
    frame = Image.new("L", (WIDTH, HEIGHT), TABLE)
    frame.paste(screen, ((WIDTH - screen.width) // 2, (HEIGHT - screen.height) // 2))
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420\n".encode()
    target.write_bytes(head + (b"FRAME\n" + frame.tobytes() + grey) * FRAMES)
    return target


SETTLED = """async () => {
    const fading = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime < 5000);
    await Promise.all(fading.map((one) => one.finished.catch(() => {})));
}"""


def screen_of(page: Page) -> bytes:
    """Photograph the code on a guest's screen, once the page has faded in."""
    code = page.locator(".qr-code")
    expect(code.locator("svg path").first).to_be_attached()
    page.evaluate(SETTLED)
    return code.screenshot()
