"""Headers of every answer: content security, privacy, request id, and small bodies on the wire."""

import gzip
import threading
from functools import cache

import zstandard
from flask import Flask, Response, g, request

from o2o.kernel import actor
from o2o.kernel.config import Settings

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "media-src": "'self' blob:",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
SQUEEZED = (
    "text/html",
    "text/css",
    "image/svg+xml",
    "application/json",
    "application/geo+json",
    "text/javascript",
)
# What browsers keep for long is worth a third of a millisecond more.
KEPT = ("image/svg+xml", "text/javascript")
SMALLEST = 500
NOTHING = {"camera": False, "geolocation": False, "wasm": False}
VARY = ("HX-Request", "Accept-Language", "Cookie", "Accept-Encoding")
# A compressor must never be used by two threads at once.
_thread = threading.local()


def csp(*, tile_host: str = "", wasm: bool = False) -> str:
    """Write the content security policy; wasm only where the till decodes camera frames."""
    rules = dict(CSP)
    if tile_host:
        rules["img-src"] += f" {tile_host}"
    if wasm:
        rules["script-src"] += " 'wasm-unsafe-eval'"
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def allow(*, camera: bool = False, geolocation: bool = False, wasm: bool = False) -> None:
    """Let the page of this request use the camera, the position, or WebAssembly."""
    g.allowed = {"camera": camera, "geolocation": geolocation, "wasm": wasm}


def init_headers(app: Flask, settings: Settings) -> None:
    """Stamp every request with an id and every answer with its headers."""
    tile_host = "/".join(settings.tile_url.split("/")[:3]).replace("{s}", "*")

    every: tuple[tuple[str, str], ...] = (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
    )
    if settings.is_secure:
        every += (("Strict-Transport-Security", "max-age=31536000"),)

    def begin() -> None:
        actor.act_as(None, actor.new_request_id())

    @cache
    def page_headers(camera: bool, geolocation: bool, wasm: bool) -> tuple[tuple[str, str], ...]:
        uses = {"camera": camera, "geolocation": geolocation, "microphone": False, "payment": False}
        allowed = ", ".join(f"{name}={'(self)' if may else '()'}" for name, may in uses.items())
        return (
            *every,
            ("Content-Security-Policy", csp(tile_host=tile_host, wasm=wasm)),
            ("Permissions-Policy", allowed),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        )

    def finish(response: Response) -> Response:
        headers = response.headers
        pairs: tuple[tuple[str, str], ...] = (("X-Request-ID", actor.current().request_id),)
        if response.mimetype == "text/html":
            allowed = g.get("allowed", NOTHING)
            pairs += page_headers(allowed["camera"], allowed["geolocation"], allowed["wasm"])
            headers.setdefault("X-O2O-Cache", "none")
            headers.setdefault("Cache-Control", "no-cache, private")
            if "Vary" in headers:
                response.vary.update(VARY)
            else:
                pairs += (("Vary", ", ".join(VARY)),)
        else:
            pairs += every
        # Added, not set: setting looks through all that are there, a third of a small answer's time.
        headers.extend(pairs)
        return squeeze(response)

    app.before_request(begin)
    app.after_request(finish)


def _compressor(is_kept: bool) -> zstandard.ZstdCompressor:
    name = "small" if is_kept else "quick"
    if not hasattr(_thread, name):
        setattr(_thread, name, zstandard.ZstdCompressor(level=9 if is_kept else 3))
    return getattr(_thread, name)  # type: ignore[no-any-return]


def squeeze(response: Response) -> Response:
    """Compress a body by what the browser takes: zstd, else gzip."""
    if (
        response.mimetype not in SQUEEZED
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
    ):
        return response
    if response.mimetype != "text/html":
        response.vary.add("Accept-Encoding")
    if response.status_code not in (200, 404, 422) or (response.content_length or 0) < SMALLEST:
        return response
    takes = request.headers.get("Accept-Encoding", "")
    if "zstd" in takes:
        response.set_data(_compressor(response.mimetype in KEPT).compress(response.get_data()))
        response.headers["Content-Encoding"] = "zstd"
    elif "gzip" in takes:
        response.set_data(gzip.compress(response.get_data(), 6))
        response.headers["Content-Encoding"] = "gzip"
    return response
