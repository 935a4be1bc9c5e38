"""The pictures themselves."""

from flask import Blueprint, Flask, Response, request
from flask_login import current_user

from o2o.kernel.access import policy, public
from o2o.kernel.config import Settings
from o2o.kernel.db import db
from o2o.kernel.errors import NotAllowed
from o2o.photos import folder, queries

bp = Blueprint("photos", __name__)
# A picture never changes under its address. Shared caches keep none, so that one taken down is gone for newcomers.
FOREVER = "private, max-age=31536000, immutable"


@bp.get("/photos/<photo_id>-<any(l, s):size>.webp")
@policy(public)
def photo(photo_id: str, size: str) -> Response:
    """Send a picture: one that is shown to everybody, one's own, any of them to the operator."""
    is_in = current_user.is_authenticated
    row, is_public = queries.visible(
        db.session,
        photo_id=photo_id,
        account_id=current_user.account_id if is_in else None,
        is_operator=is_in and current_user.is_operator,
    )
    try:
        content = queries.file_of(db.session, row, size).read_bytes()
    except FileNotFoundError as error:
        raise NotAllowed from error
    response = Response(content, mimetype="image/webp")
    response.headers["Cache-Control"] = FOREVER if is_public else "private, no-store"
    response.headers["Content-Disposition"] = f'inline; filename="{row.id}-{size}.webp"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(f"{row.id}-{size}")
    response.make_conditional(request)
    return response


def init_app(app: Flask) -> None:
    """Say where this town's pictures lie."""
    settings: Settings = app.config["O2O"]
    folder.use(settings.database_url, settings.data_dir)
