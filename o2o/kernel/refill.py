"""A form that was refused because the sign-in was too old stands filled in again once it is fresh.

The room of accounts keeps what was typed; here is the way there and back for the pages of every room.
"""

from typing import Any

from flask import current_app, g, request, url_for
from werkzeug.datastructures import MultiDict

PARAMETER = "kept"


def keep(page: str) -> str:
    """Keep what this request typed, and return the address where the same form will hold it again."""
    address = url_for(page, **(request.view_args or {}))
    box = current_app.extensions["o2o.keep_form"](address, list(request.form.items(multi=True)))
    return f"{address}?{PARAMETER}={box}" if box else address


def typed() -> MultiDict[str, str] | None:
    """Return what was typed into this page's form before the sign-in was asked for, None where nothing waits.

    A form takes it as its data, its key included, so that a second press still happens once.
    """
    box: Any = request.args.get(PARAMETER)
    fields = current_app.extensions["o2o.held_form"](box, request.path) if box else None
    if fields is None:
        return None
    g.refilled = f"?{PARAMETER}={box}"
    return MultiDict(fields)
