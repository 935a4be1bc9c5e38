"""What is typed in the print kit."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import IntegerField
from wtforms.validators import InputRequired

from o2o.kernel.forms import OnceForm


class Whole(IntegerField):  # type: ignore[misc]
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError as fault:
            raise ValueError(gettext("Give a whole number.")) from fault


class TablesForm(OnceForm):
    """How many tables there are."""

    count = Whole(_("How many tables?"), validators=[InputRequired(_("Give a whole number."))])
