"""What a shop writes about a guest, what a guest tells a shop, and what of a list is asked for."""

from typing import NamedTuple

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired

from o2o.guests.queries import SORTS
from o2o.guests.rules import LONGEST_CONTACT, LONGEST_NOTE
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import UNSEEN, Form, OnceForm
from o2o.kernel.words import N_

MOST_PAGES = 1000
LONGEST_SEARCH = 60


class NoteForm(OnceForm):
    """A note; what it may not be, the rule says."""

    text = TextAreaField(
        _l("New note"), validators=[InputRequired()], render_kw={"maxlength": LONGEST_NOTE, "rows": 3}
    )


class TouchForm(Form):
    """Whether to stay in touch with a shop, and by what contact."""

    on = HiddenField()
    contact = StringField(_l("Contact"), render_kw={"maxlength": LONGEST_CONTACT})

    def wants(self) -> bool:
        """Tell whether the guest agrees; BadInput when the form says neither."""
        if self.on.data not in ("0", "1"):
            raise BadInput("bad_answer", N_("This form is damaged. Please reload the page and try again."))
        return bool(self.on.data == "1")


class Asked(NamedTuple):
    """Which part of the list is asked for."""

    sort: str
    text: str
    number: int


def asked() -> Asked:
    """Read sort, search and page from the address; BadInput for what there is none of."""
    sort, text = request.args.get("sort", "last"), UNSEEN.sub("", request.args.get("q", "")).strip()
    if sort not in SORTS:
        raise BadInput("bad_sort", N_("The list cannot be sorted like that."))
    if len(text) > LONGEST_SEARCH:
        raise BadInput("too_long", N_("Search for a shorter text, please."))
    return Asked(sort, text, page_number())


def page_number() -> int:
    """Read which page is asked for; BadInput when it is none."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_PAGES):
        raise BadInput("bad_page", N_("There is no such page."))
    return int(text)
