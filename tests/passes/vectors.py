"""The vector file, read once: what Python and JavaScript must both say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

FOLDER = Path(__file__).parents[1] / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "pass.json").read_text("ascii"))
KEYS = {
    int(kid): ec.EllipticCurvePublicNumbers(
        int(point["x"], 16), int(point["y"], 16), ec.SECP256R1()
    ).public_key()
    for kid, point in VECTORS["keys"].items()
}
# A bound code is damaged too, so that its damage is never taken for more than a copy.
ORIGINALS = [code["text"] for code in VECTORS["good"]]
SEEDS = (2026_11_22, 1, 2, 3)
EACH = 25_000


def text_of(name: str) -> str:
    """Return the digits of a good code."""
    return next(code["text"] for code in VECTORS["good"] if code["name"] == name)


def flipped(flips: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every text with one bit turned, and its verdict."""
    number = int(text_of(flips["of"]))
    for run in flips["runs"]:
        for bit in range(run["first"], run["last"] + 1):
            yield str(number ^ 1 << bit), run["verdict"]
