"""What the till's page weighs."""

import gzip
from pathlib import Path

import pytest

from o2o.kernel.static import squeezed_script

pytestmark = pytest.mark.browser
JS = Path(__file__).parents[2] / "static" / "js"


def test_the_till_is_small() -> None:
    """Weigh what the till's page loads of its own, squeezed and packed as served: 16 KB."""
    lazy = {"till-register.js", "till-desk.js"}
    names = [path for path in sorted(JS.glob("till*.js")) if path.name not in lazy]
    assert len(names) == 6
    scripts = [squeezed_script(path.read_text()).encode() for path in (*names, JS / "pass-code.js")]
    assert sum(len(gzip.compress(script, 9, mtime=0)) for script in scripts) <= 16_384
