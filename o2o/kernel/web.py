"""Answers: a page or its fragment from one function, redirects after a POST, and where static files live."""

from typing import Any

from flask import Response, current_app, flash, make_response, render_template, request
from flask import redirect as flask_redirect
from jinja2_fragments.flask import render_block
from werkzeug.routing import IntegerConverter, Map

GREATEST_ID = 2**31 - 1
CACHE_KINDS = ("none", "page", "private", "till")
JSON_KINDS = ("application/json", "application/problem+json")


class Number(IntegerConverter):
    """A number in an address: only what a key of a row can be, so that larger ones are 404."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **{"max": GREATEST_ID, **options})


def wants_fragment() -> bool:
    """Tell whether htmx asks for a fragment; a history restore wants the whole page."""
    headers = request.headers
    return (
        "HX-Request" in headers
        and "HX-History-Restore-Request" not in headers
        and "HX-Boosted" not in headers
    )


def wants_json() -> bool:
    """Tell whether the caller prefers JSON to a page; who sends JSON and names no page does."""
    accepted = request.accept_mimetypes
    if request.is_json and "text/html" not in accepted.values():
        return True
    return accepted.best_match(["text/html", *JSON_KINDS]) in JSON_KINDS


def page(
    template: str, *, block: str | None = None, cache: str = "none", status: int = 200, **context: Any
) -> Response:
    """Render the whole page, or only `block` of it when htmx asks.

    `cache` tells the service worker what it may keep: nothing, a public page, the guest's private copy, or
    the till's shell.
    """
    if block and wants_fragment():
        body = render_block(template, block, **context)
    else:
        body = render_template(template, **context)
    return html(body, cache=cache, status=status)


def html(body: str, *, cache: str = "none", status: int = 200) -> Response:
    """Wrap ready markup in an answer with the headers every HTML answer carries."""
    if cache not in CACHE_KINDS:
        raise ValueError(cache)
    response = make_response(body, status)
    response.headers["X-O2O-Cache"] = cache
    return response


def see_other(url: str) -> Response:
    """Answer a POST: 303 to a page that shows what has become of it; htmx is told to go there."""
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    response = make_response(flask_redirect(url, code=303))
    response.vary.update(("HX-Request",))
    return response


def toast(text: str, kind: str = "good") -> None:
    """Say a short translated sentence on the next page (kind: good, wait, bad)."""
    flash(text, kind)


def static_url(path: str) -> str:
    """Give the address of a static file under the build's own prefix, cached for ever."""
    return f"/static/{current_app.config['BUILD']}/{path}"


def problem(status: int, code: str, sentence: str, **more: Any) -> Response:
    """Answer machines in problem JSON (RFC 9457)."""
    body = {"type": "about:blank", "status": status, "code": code, "title": sentence, **more}
    response = make_response(current_app.json.dumps(body), status)
    response.content_type = "application/problem+json"
    response.headers["X-O2O-Cache"] = "none"
    return response


def safe_next(target: str | None, default: str = "/") -> str:
    """Return `target` when it is a plain path on this site, else `default`.

    Refuses `//evil`, backslashes, control characters, schemes, userinfo and look-alike dots: browsers read them
    as other origins.
    """
    if not target or len(target) > 500 or not target.startswith("/") or target.startswith("//"):
        return default
    if any(ord(letter) < 33 or ord(letter) > 126 or letter == "\\" for letter in target):
        return default
    path = target.split("?", 1)[0]
    if "//" in path or "/.." in path or "%2f" in path.lower() or "%5c" in path.lower():
        return default
    return target
