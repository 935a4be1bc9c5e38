"""What a till's camera sees of a guest's screen: seeded grey frames of live codes, tilted, blurred, faint and noisy."""

import base64
import math
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Any

import segno
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Page

WIDTH, HEIGHT = 640, 480
CODE_PX = 200
TILT_DEGREES = 18.0
BLUR_PX = (0.6, 1.3)
# Of 255: how bright the white of the screen is, how much darker its black, and the spread of the noise.
PAPER, CONTRAST, NOISE = (150.0, 230.0), (70.0, 130.0), (3.0, 10.0)
FOCAL_PX = 600.0
FINE = 8
QUIET_ZONE = 4
# Two bytes added and halved spread so far; the mean of what that makes of noise is taken off again.
SPREAD = 255 / math.sqrt(24)

Matrix = list[list[float]]

# The reader is the scanner's own; a canvas stands in for its video.
READ = """async ([scanner, files, width, height, frames]) => {
  const { ownReader } = await import(scanner);
  const read = (window.readFrame ??= await ownReader(files));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  Object.assign(canvas, { videoWidth: width, videoHeight: height });
  const brush = canvas.getContext("2d");
  const answers = [];
  for (const frame of frames) {
    const image = brush.createImageData(width, height);
    const grey = atob(frame);
    for (let at = 0; at < grey.length; at += 1) {
      image.data.fill(grey.charCodeAt(at), at * 4, at * 4 + 3);
      image.data[at * 4 + 3] = 255;
    }
    brush.putImageData(image, 0, 0);
    const begin = performance.now();
    const text = await read(canvas);
    answers.push([text ?? "", performance.now() - begin]);
  }
  return answers;
}"""


@dataclass(frozen=True)
class Answer:
    """What the page's reader made of a frame, and in how many milliseconds."""

    text: str
    spent: float


def digits(rng: Random, kind: int = 0xA3, size: int = 196) -> str:
    """Write a code of random bytes as digits; the live one unless told."""
    return str(int.from_bytes(bytes([kind]) + rng.randbytes(size), "big"))


def frame(text: str, rng: Random, *, code_px: float = CODE_PX) -> Image.Image:
    """Photograph a code badly; `code_px` is its side without the quiet zone, seen straight."""
    paper, contrast, noise = rng.uniform(*PAPER), rng.uniform(*CONTRAST), rng.uniform(*NOISE)
    table = rng.uniform(paper - contrast, paper)
    seen = photographed(screen(text, paper, contrast), rng, code_px, table)
    seen = ImageChops.multiply(seen, shade(rng))
    seen = seen.filter(ImageFilter.GaussianBlur(rng.uniform(*BLUR_PX)))
    return noisy(seen, rng, noise)


def screen(text: str, paper: float, contrast: float) -> Image.Image:
    """Draw the code with its quiet zone, several pixels to the module."""
    rows = list(
        segno.make(text, mode="numeric", error="m", boost_error=False, micro=False).matrix_iter(border=4)
    )
    grey = bytes(round(paper - contrast * module) for row in rows for module in row)
    side = len(rows)
    return Image.frombytes("L", (side, side), grey).resize(
        (side * FINE, side * FINE), Image.Resampling.NEAREST
    )


def photographed(drawn: Image.Image, rng: Random, code_px: float, table: float) -> Image.Image:
    """Look at the screen from aside with a pinhole camera; two by two samples to the pixel."""
    roll, axis = math.radians(rng.uniform(-TILT_DEGREES, TILT_DEGREES)), rng.uniform(0, 2 * math.pi)
    tilt = math.radians(rng.uniform(0, TILT_DEGREES))
    turned = product(spun(roll), product(spun(axis), product(tipped(tilt), spun(-axis))))
    aside = [rng.uniform(-WIDTH / 5, WIDTH / 5), rng.uniform(-HEIGHT / 5, HEIGHT / 5), FOCAL_PX]
    onto = [[*(turned[row][:2]), aside[row]] for row in range(3)]
    lens = [[FOCAL_PX, 0.0, 0.0], [0.0, FOCAL_PX, 0.0], [0.0, 0.0, 1.0]]
    from_centre = [[0.5, 0.0, -WIDTH / 2], [0.0, 0.5, -HEIGHT / 2], [0.0, 0.0, 1.0]]
    modules = drawn.width / FINE - 2 * QUIET_ZONE
    scale, middle = FINE * modules / code_px, drawn.width / 2
    to_drawn = [[scale, 0.0, middle], [0.0, scale, middle], [0.0, 0.0, 1.0]]
    found = product(to_drawn, product(inverse(product(lens, onto)), from_centre))
    flat = [value / found[2][2] for row in found for value in row][:8]
    fine = drawn.transform(
        (WIDTH * 2, HEIGHT * 2),
        Image.Transform.PERSPECTIVE,
        flat,
        Image.Resampling.BILINEAR,
        fillcolor=round(table),
    )
    return fine.reduce(2)


def shade(rng: Random) -> Image.Image:
    """Make light that falls from one side: a quarter less of it at the other."""
    light = Image.linear_gradient("L").rotate(rng.uniform(0, 360), Image.Resampling.BILINEAR)
    # The largest square that has no empty corner, however it was turned.
    light = light.crop((38, 38, 218, 218)).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    return light.point([round(191 + value / 4) for value in range(256)])


def noisy(seen: Image.Image, rng: Random, spread: float) -> Image.Image:
    """Add grain of this standard deviation."""
    grains = [Image.frombytes("L", seen.size, rng.randbytes(seen.width * seen.height)) for _ in range(2)]
    grain = ImageChops.add(grains[0], grains[1], 2)
    factor = spread / SPREAD
    return ImageChops.add(
        seen, grain.point([round(value * factor) for value in range(256)]), 1, -round(127 * factor)
    )


def product(left: Matrix, right: Matrix) -> Matrix:
    """Multiply two square matrices."""
    columns = list(zip(*right, strict=True))
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in left]


def spun(angle: float) -> Matrix:
    """Turn about the line of sight."""
    return [[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]]


def tipped(angle: float) -> Matrix:
    """Turn about the horizontal."""
    return [[1, 0, 0], [0, math.cos(angle), -math.sin(angle)], [0, math.sin(angle), math.cos(angle)]]


def inverse(of: Matrix) -> Matrix:
    """Return the inverse up to a factor, which a projection does not mind."""

    def minor(row: int, column: int) -> float:
        a, b, c, d = ((row + 1) % 3, (column + 1) % 3, (row + 2) % 3, (column + 2) % 3)
        return of[a][b] * of[c][d] - of[a][d] * of[c][b]

    return [[minor(column, row) for column in range(3)] for row in range(3)]


def read_all(page: Page, build: str, images: Iterable[Image.Image]) -> list[Answer]:
    """Let the scanner's own reader look at grey pictures of one size, on a page that may run WebAssembly."""
    base = f"/static/{build}"
    files = {"reader": f"{base}/vendor/zxing-reader.js", "wasm": f"{base}/vendor/zxing_reader.wasm"}
    grey = [image.convert("L") for image in images]
    frames = [base64.b64encode(image.tobytes()).decode() for image in grey]
    given: list[Any] = [f"{base}/js/scanner.js", files, *grey[0].size, frames]
    return [Answer(text, spent) for text, spent in page.evaluate(READ, given)]


def picture(png: bytes) -> Image.Image:
    """Open a screenshot."""
    return Image.open(BytesIO(png))
