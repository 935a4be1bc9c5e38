"""Static files under a prefix that changes with every build, so that browsers may keep them for ever."""

import gzip
import hashlib
import json
import re
import shutil
import tempfile
from pathlib import Path

from flask import Flask, Response, current_app, request
from whitenoise import WhiteNoise

from o2o.kernel.access import policy, public
from o2o.kernel.config import ROOT, Settings
from o2o.kernel.web import static_url

FOLDER = ROOT / "static"
PRECACHE = ("css/app.css", "js/main.js", "vendor/htmx.min.js", "icons/sprite-ui.svg")
FOREVER = 31_536_000


def build_hash() -> str:
    """Hash everything that a browser may keep: static files, templates and the worker."""
    digest = hashlib.sha256()
    for folder in (FOLDER, ROOT / "templates"):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    digest.update((ROOT / "sw.js").read_bytes())
    return digest.hexdigest()[:12]


def bundle_css() -> str:
    """Join the style sheets in the order of order.txt: one request instead of twenty."""
    names = (FOLDER / "css" / "order.txt").read_text().split()
    return "\n".join((FOLDER / "css" / name).read_text() for name in names)


def squeezed(css: str) -> str:
    """Leave out what only people read in a style sheet: comments, indentation and spare spaces."""
    css = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    return re.sub(r";?\s*([{},;])\s*", r"\1", css).replace(": ", ":").strip()


def squeezed_script(script: str) -> str:
    """Leave out a script's indentation and its lines of comment; every line stays one (no template spans lines)."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def lay_out(build: str, target: Path) -> Path:
    """Copy the build's files with gzip siblings into `target`/<build>, once; return that folder."""
    done = target / build
    if done.exists():
        return done
    target.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".", dir=target)) / build
    shutil.copytree(FOLDER, fresh)
    (fresh / "css" / "app.css").write_text(bundle_css())
    for sheet in fresh.rglob("*.css"):
        sheet.write_text(squeezed(sheet.read_text()))
    for script in (fresh / "js").glob("*.js"):
        script.write_text(squeezed_script(script.read_text()))
    for path in sorted(fresh.rglob("*")):
        if path.is_file() and path.suffix not in (".png", ".woff2"):
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    try:
        fresh.rename(done)
        done.touch()
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)  # another process was first
    fresh.parent.rmdir()
    # A server that still runs the build before this one goes on serving it.
    builds = sorted(
        (path for path in target.iterdir() if path.name[0] != "."), key=lambda path: path.stat().st_mtime
    )
    for old in builds[:-2]:
        shutil.rmtree(old, ignore_errors=True)
    return done


def init_static(app: Flask, settings: Settings) -> None:
    """Serve static files by WhiteNoise in front of Flask, and the service worker at /sw.js."""
    build = build_hash()
    app.config["BUILD"] = build
    folder = lay_out(build, settings.data_dir / "static")
    noise = WhiteNoise(app.wsgi_app, max_age=FOREVER, immutable_file_test=lambda path, url: True)
    # A page of the build before this one is still open somewhere, and asks for its modules when it needs them.
    for kept in (path for path in folder.parent.iterdir() if path.name[0] != "."):
        noise.add_files(str(kept), prefix=f"static/{kept.name}/")
    app.wsgi_app = noise  # type: ignore[method-assign]
    app.jinja_env.globals["static_url"] = static_url
    app.add_url_rule("/sw.js", "service_worker", service_worker)


@policy(public)
def service_worker() -> Response:
    """Serve the worker with this build's name and files to keep."""
    script = squeezed_script((ROOT / "sw.js").read_text())
    kept = [static_url(path) for path in PRECACHE] + ["/offline"]
    script = script.replace("__BUILD__", current_app.config["BUILD"]).replace(
        "__PRECACHE__", json.dumps(kept)
    )
    response = Response(script, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(script.encode()).hexdigest()[:16])
    response.make_conditional(request)
    return response
