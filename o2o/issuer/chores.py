"""What the issuer does by itself: know its keys from the start."""

from flask import Flask

from o2o.issuer import queries
from o2o.kernel.config import Settings


def init_app(app: Flask) -> None:
    """Bind the town's database to the issuer keys in its data folder."""
    settings: Settings = app.config["O2O"]
    queries.use(settings.database_url, settings.data_dir)
