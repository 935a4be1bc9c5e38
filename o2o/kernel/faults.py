"""Error answers: a page, a fragment or problem JSON, in the visitor's language, never a stack trace."""

import logging

from flask import Flask, Response, request
from flask_babel import gettext as _
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from o2o.kernel import actor
from o2o.kernel.db import db
from o2o.kernel.errors import Busy, Refusal
from o2o.kernel.web import page, problem, wants_json
from o2o.kernel.words import N_

log = logging.getLogger("o2o.faults")
SENTENCES = {
    400: N_("We could not understand that request. Please go back and try again."),
    401: N_("Please sign in first."),
    403: N_("You may not do that here."),
    404: N_("We could not find that, or it is not yours to see."),
    405: N_("That address does not take this kind of request."),
    408: N_("That took too long. Please try again."),
    409: N_("That clashes with what happened in the meantime. Please reload and look again."),
    410: N_("This link was used or has expired. Please ask for a new one."),
    413: N_("That is too large to send."),
    414: N_("That address is too long."),
    415: N_("We cannot read that kind of content."),
    416: N_("That part of the file does not exist."),
    422: N_("Some of what you entered cannot be used. Please check it."),
    429: N_("Too many tries. Please wait a few minutes and try again."),
    500: N_("Something broke on our side. Nothing was charged twice; please try again."),
    503: N_("The town is very busy right now. Nothing was lost: please try again in a moment."),
}


def answer(status: int, code: str, sentence: str) -> Response:
    """Answer with this status and translated sentence in the form the caller reads."""
    db.session.rollback()
    if wants_json() or request.path.startswith("/webhooks/"):
        response = problem(status, code, sentence, request_id=actor.current().request_id)
    else:
        context = {
            "status": status,
            "code": code,
            "sentence": sentence,
            "request_id": actor.current().request_id,
            "again": request.full_path.rstrip("?") if request.method == "GET" else "",
        }
        response = page("errors/error.html", block="message", status=status, error=context)
    if status in (429, 503):
        response.headers["Retry-After"] = "5" if status == 503 else "60"
    return response


def on_refusal(error: Refusal) -> Response:
    """Show what a rule said."""
    return answer(error.status, error.code, _(error.sentence) % error.params)


def on_http(error: HTTPException) -> Response:
    """Show Werkzeug's own errors in our words; redirects pass."""
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    response = answer(
        status, f"http_{status}", _(SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400]))
    )
    if status == 405 and "Allow" in error.get_response().headers:
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def on_database(error: DBAPIError | PoolTimeout) -> Response:
    """Treat a busy, full or lost database as 503; anything else is a defect and is logged as one."""
    log.warning("database: %s", error)
    if isinstance(error, OperationalError | PoolTimeout) or getattr(error, "connection_invalidated", False):
        return on_refusal(Busy())
    return on_defect(error)


def on_unstorable(error: Exception) -> Response:
    """Tell a visitor that a number is too large, or a text has characters, that no row can hold."""
    log.info("unstorable input in request %s: %s", actor.current().request_id, error)
    return answer(400, "unstorable", _(SENTENCES[400]))


def on_defect(error: Exception) -> Response:
    """Log a defect with the request id and show a calm page."""
    log.exception("defect in request %s", actor.current().request_id)
    return answer(500, "defect", _(SENTENCES[500]))


def init_faults(app: Flask) -> None:
    """Install the error answers."""
    app.register_error_handler(Refusal, on_refusal)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(OperationalError, on_database)
    app.register_error_handler(DBAPIError, on_database)
    app.register_error_handler(PoolTimeout, on_database)
    for unstorable in (DataError, OverflowError):
        app.register_error_handler(unstorable, on_unstorable)
    if not app.testing:
        app.register_error_handler(Exception, on_defect)
