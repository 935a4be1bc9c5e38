"""Read the source tree for the tests that keep the house in order."""

import ast
from collections.abc import Iterator
from pathlib import Path

from o2o.floors import ROOMS

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "o2o"


def sources(folder: Path = HOUSE) -> list[Path]:
    """List the Python files below a folder."""
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def room_of(path: Path) -> str:
    """Name the room (or kernel, or the top) that a file belongs to."""
    parts = path.relative_to(HOUSE).parts
    return parts[0] if len(parts) > 1 else ""


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every imported module of the project with its line: deferred and relative imports too."""
    package = (*path.relative_to(ROOT).with_suffix("").parts[:-1],)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def project_imports(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield (line, room, module within the room) for imports of rooms."""
    for line, name in imports(path):
        parts = name.split(".")
        if parts[0] == "o2o" and len(parts) > 1 and parts[1] in ROOMS:
            yield line, parts[1], parts[2] if len(parts) > 2 else ""
