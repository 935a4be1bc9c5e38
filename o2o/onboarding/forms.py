"""What people send about a shop that is not on the map yet."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from o2o.kernel.degrees import Degrees
from o2o.kernel.forms import OnceForm, stripped

WHERE = _("Tap the map where the door is, or give both numbers.")
TOO_LONG = _("Keep this within %(max)d characters.")


class NewShopForm(OnceForm):
    """A shop that is not on the map yet: its name, what it is, and where its door is."""

    name = StringField(
        _("Name on the sign"),
        filters=[stripped],
        validators=[
            InputRequired(_("A shop needs a name.")),
            Length(max=120, message=TOO_LONG),
        ],
    )
    category = SelectField(
        _("Category"),
        validate_choice=False,
        validators=[InputRequired(_("Choose a category from the list."))],
    )
    lat = Degrees(_("Latitude"), validators=[InputRequired(WHERE), NumberRange(-90, 90, WHERE)])
    lng = Degrees(_("Longitude"), validators=[InputRequired(WHERE), NumberRange(-180, 180, WHERE)])
    sure = HiddenField()

    def values(self) -> dict[str, Any]:
        """Return what rules.propose takes."""
        return {field: self[field].data for field in ("name", "category", "lat", "lng")}

    def point(self) -> dict[str, Any]:
        """Return what queries.same_nearby takes."""
        return {field: self[field].data for field in ("name", "lat", "lng")}
