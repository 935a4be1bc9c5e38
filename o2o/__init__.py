"""o2o: self-hosted local commerce, from finding a shop to a voucher redeemed at its counter."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_htmx import HTMX
from werkzeug.middleware.proxy_fix import ProxyFix

from o2o import floors
from o2o.kernel import access, cli, faults, headers, locales, plumbing, static, storage, uploads
from o2o.kernel.config import ROOT, read_settings
from o2o.kernel.cookies import CookieSessions
from o2o.kernel.web import Number

BODY_LIMIT = 256 * 1024


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the app; `overrides` stand above the environment's settings (tests use them)."""
    settings = read_settings(overrides)
    app = Flask("o2o", root_path=str(ROOT / "o2o"), template_folder=ROOT / "templates", static_folder=None)
    app.testing = bool((overrides or {}).get("TESTING"))
    app.config.update(
        O2O=settings,
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT,
        SESSION_COOKIE_NAME="__Host-o2o" if settings.is_secure else "o2o",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.session_interface = CookieSessions()
    uploads.init_uploads(app)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if settings.is_secure:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    app.url_map.converters["int"] = Number
    HTMX(app)
    headers.init_headers(app, settings)
    locales.init_locales(app)
    floors.modules("models")
    storage.init_storage(app, settings)
    static.init_static(app, settings)
    plumbing.init_plumbing(app)
    wire_rooms(app)
    cli.init_cli(app)
    faults.init_faults(app)
    access.init_access(app)
    return app


def wire_rooms(app: Flask) -> None:
    """Walk the floors: every room's blueprints, commands and start-up, bottom to top."""
    for kind in floors.WIRED:
        for module in floors.modules(kind):
            if hasattr(module, "bp"):
                app.register_blueprint(module.bp)
            if hasattr(module, "init_app"):
                module.init_app(app)
