"""A day as a form sends it."""

from flask_babel import gettext
from wtforms import DateField


class Day(DateField):  # type: ignore[misc]
    """A date as phones send it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as fault:
            raise ValueError(gettext("Give a date such as 2027-03-31.")) from fault
