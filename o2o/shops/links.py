"""The link of a fresh invitation: carried to the next page in the signed cookie, shown there once."""

import segno
from flask import current_app
from flask import session as cookie
from markupsafe import Markup

FRESH_LINK = "o2o_invite"


def keep_link(shop_id: int, token: str) -> None:
    """Keep the token for the page that follows this answer."""
    cookie[FRESH_LINK] = {"shop": shop_id, "token": token}


def fresh_link(shop_id: int) -> str | None:
    """Take the link of an invitation that was just made for this shop out of the cookie."""
    kept = cookie.get(FRESH_LINK)
    if not isinstance(kept, dict) or kept.get("shop") != shop_id:
        return None
    del cookie[FRESH_LINK]
    return f"{current_app.config['O2O'].base_url}/invites/{kept['token']}"


def link_qr(link: str | None) -> Markup | None:
    """Draw a link for another phone's camera."""
    if link is None:
        return None
    code = segno.make(link, error="m", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None))  # noqa: S704
