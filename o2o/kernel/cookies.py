"""The session cookie: Flask's own, without making a signer for visitors who send none."""

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class CookieSessions(SecureCookieSessionInterface):
    """Read and write the signed cookie; a first visit, or a machine's, costs nothing."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Open the visitor's session, an empty one when no cookie came."""
        if app.secret_key and self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the visitor's session; there is nothing to say of one that nobody looked at."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)
