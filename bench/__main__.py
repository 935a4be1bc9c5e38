"""Run every measurement one after the other, print a table, write build/bench.json."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PARTS = (
    "start",
    "redeem",
    "sync",
    "till",
    "till_open",
    "pass_token",
    "discovery",
    "suggestions",
    "offline",
    "frames",
)


def measure(part: str) -> dict[str, Any]:
    """Run one measurement in a process of its own; return its JSON, or what it said."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{part}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    text = done.stdout.strip()
    try:
        return {part: json.loads(text[text.index("{") :])}
    except ValueError:
        return {part: {"exit": done.returncode, "said": (text or done.stderr).strip()[-300:]}}


def flat(values: Any, name: str = "") -> list[tuple[str, Any]]:
    """Turn nested results into rows of a table."""
    if not isinstance(values, dict):
        return [(name, values)]
    return [
        row for key, value in values.items() for row in flat(value, f"{name}.{key}" if name else str(key))
    ]


def main() -> None:
    """Measure what the command line names, or everything."""
    found: dict[str, Any] = {}
    for part in sys.argv[1:] or [part for part in PARTS if (ROOT / "bench" / f"{part}.py").exists()]:
        result = measure(part)
        found |= result
        for name, value in flat(result):
            print(f"{name:<48} {value}", flush=True)
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=1) + "\n")
    print(f"\nwritten to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
