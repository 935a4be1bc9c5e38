"""The files of a build: the one that runs, and the one before it for the pages that are still open."""

import os
from pathlib import Path

from o2o import create_app
from o2o.kernel.static import lay_out

OLDER, BEFORE = "0" * 12, "1" * 12


def test_an_open_page_of_the_build_before_gets_its_modules(tmp_path: Path) -> None:
    for age, build in ((200, OLDER), (100, BEFORE)):
        folder = lay_out(build, tmp_path / "static")
        os.utime(folder, (1_600_000_000 - age, 1_600_000_000 - age))
    app = create_app({"TESTING": "1", "O2O_DATA_DIR": str(tmp_path), "O2O_BASE_URL": "http://localhost"})
    build = app.config["BUILD"]
    assert sorted(path.name for path in (tmp_path / "static").iterdir()) == sorted([build, BEFORE])
    asks = app.test_client()
    assert [asks.get(f"/static/{name}/js/update.js").status_code for name in (build, BEFORE)] == [200, 200]
