"""The roof's pages for the guest."""

from flask import Flask

from o2o.storefront import wallet


def init_app(app: Flask) -> None:
    """Register what lives in files of its own."""
    app.register_blueprint(wallet.bp)
