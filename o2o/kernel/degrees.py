"""A coordinate as people and maps write it."""

from unicodedata import normalize

from flask_babel import gettext
from wtforms import FloatField


class Degrees(FloatField):  # type: ignore[misc]
    """A coordinate as a decimal number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            # A Chinese keyboard types full-width digits, dot and minus sign.
            super().process_formdata([normalize("NFKC", text) for text in valuelist])
        except ValueError as fault:
            raise ValueError(gettext("Give a number such as 39.9929.")) from fault
