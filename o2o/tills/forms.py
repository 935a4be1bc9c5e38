"""What a phone, its staff and its owner post."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from unicodedata import normalize

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from o2o.kernel.errors import BadInput
from o2o.kernel.forms import UNSEEN, Form
from o2o.kernel.money import AmountRefused, parse_money, plain_money
from o2o.kernel.web import GREATEST_ID
from o2o.kernel.words import N_
from o2o.tills.pins import SPELLING, is_weak
from o2o.tills.queries import Limits
from o2o.tills.rules import MOST_CLAIMS, MOST_MONEY

MONEY_WORDS = {
    "empty": _l("Give an amount; 0 means nothing at all."),
    "not_a_number": _l("Give an amount such as 38 or 38.50."),
    "negative": _l("An amount cannot be negative."),
    "too_precise": _l("That has more decimals than the currency."),
    "too_large": _l("That amount is too large."),
}
USES = _l("Choose between 0 and %(max)s uses.")


class Asked(NamedTuple):
    """A phone's wish to be a till: of which shop, its name, both coordinates of its key."""

    shop: int
    name: str
    x: str
    y: str


def asked() -> Asked:
    """Read the wish from JSON or from a form; BadInput bad_shop (422) when it names no shop."""
    said: Any = request.get_json(silent=True) if request.is_json else request.form
    said = said if isinstance(said, Mapping) else {}
    shop = str(said.get("shop") or "")
    if not (shop.isascii() and shop.isdigit() and len(shop) < 11 and 1 <= int(shop) <= GREATEST_ID):
        raise BadInput("bad_shop", N_("Choose your shop first."), status=422)
    return Asked(int(shop), *(_text(said.get(name)) for name in ("name", "x", "y")))


def _text(value: Any) -> str:
    """Return what can be stored of a text: JSON may carry halves of characters, and anything may be sent."""
    text = value if isinstance(value, str) else ""
    return UNSEEN.sub("", text.encode("utf-8", "ignore").decode())


def plain(text: str | None) -> str | None:
    """Read full-width digits, as a Chinese keyboard types them, as digits."""
    return normalize("NFKC", text).strip() if text else text


class PinForm(Form):
    """A PIN, twice; neither is ever shown again."""

    shop = IntegerField(validators=[InputRequired(), NumberRange(1, GREATEST_ID)])
    pin = PasswordField(
        _l("New PIN"), filters=[plain], validators=[InputRequired(_l("A PIN has 4 to 6 digits."))]
    )
    again = PasswordField(
        _l("The same PIN again"), filters=[plain], validators=[InputRequired(_l("Type the PIN twice."))]
    )

    def validate_pin(self, field: PasswordField) -> None:
        """Refuse what is no PIN, or everybody's."""
        if not SPELLING.fullmatch(field.data):
            raise ValidationError(gettext("A PIN has 4 to 6 digits."))
        if is_weak(field.data):
            raise ValidationError(gettext("Anybody would try this PIN first. Please choose another."))

    def validate_again(self, field: PasswordField) -> None:
        """Refuse a slip of the finger."""
        if field.data != self.pin.data:
            raise ValidationError(gettext("These two are not the same."))


class Whole(IntegerField):  # type: ignore[misc]
    """A whole number, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError as fault:
            raise ValueError(gettext("Give a whole number.")) from fault


class RulesForm(Form):
    """What the shop's tills may do with no network; money as a person types it."""

    bearer = BooleanField(_l("Also take printed and typed codes with no network"))
    most_claims = Whole(
        _l("Most uses"),
        validators=[InputRequired(_l("Give a whole number.")), NumberRange(0, MOST_CLAIMS, USES)],
    )
    most_each = StringField(_l("Most for one voucher"), validators=[InputRequired(MONEY_WORDS["empty"])])
    most_total = StringField(_l("Most in all"), validators=[InputRequired(MONEY_WORDS["empty"])])

    def show(self, limits: Limits, currency: str) -> "RulesForm":
        """Fill the form with what holds now."""
        self.bearer.data, self.most_claims.data = limits.bearer, limits.most_claims
        self.most_each.data = plain_money(limits.most_each, currency).removesuffix(".00")
        self.most_total.data = plain_money(limits.most_total, currency).removesuffix(".00")
        return self

    def limits(self, currency: str) -> Limits | None:
        """Return the limits, or None after saying at a field what cannot be read."""
        is_fine = self.validate()
        each, total = (_minor(field, currency) for field in (self.most_each, self.most_total))
        if not is_fine or each is None or total is None:
            return None
        return Limits(self.bearer.data, self.most_claims.data, each, total)


def _minor(field: StringField, currency: str) -> int | None:
    if field.errors:
        return None
    try:
        minor = parse_money(field.data or "", currency)
        if minor > MOST_MONEY:
            raise AmountRefused("too_large")
    except AmountRefused as refusal:
        field.errors = [str(MONEY_WORDS[refusal.reason])]
        return None
    return minor
