"""What a shop's people send about its pictures."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, MultipleFileField, StringField
from wtforms.validators import Length

from o2o.kernel.errors import BadInput
from o2o.kernel.forms import OnceForm
from o2o.kernel.words import N_
from o2o.pictures.rules import LONGEST, Way

WAYS: dict[str, Way] = {"up": "up", "down": "down", "cover": "cover"}


class PhotosForm(OnceForm):
    """New pictures, several at once."""

    photos = MultipleFileField(_l("Photos"))


class PictureForm(OnceForm):
    """What a picture shows, or where it goes."""

    caption = StringField(
        _l("What it shows"),
        filters=[lambda text: (text or "").strip()],
        validators=[Length(max=LONGEST, message=_l("Keep this within %(max)d characters."))],
    )
    way = HiddenField()

    def wanted(self) -> Way:
        """Return where the picture goes; BadInput for what no button says."""
        way = WAYS.get(self.way.data or "")
        if way is None:
            raise BadInput("bad_way", N_("This form is damaged. Please reload the page and try again."))
        return way
