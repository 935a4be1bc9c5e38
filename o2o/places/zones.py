"""Where a point lies: its time zone, country and currency, from the tables of tzfpy and CLDR."""

from typing import NamedTuple
from zoneinfo import available_timezones

import tzfpy
from babel.core import get_global
from babel.numbers import get_territory_currencies, is_currency

from o2o.kernel.errors import BadInput
from o2o.kernel.words import N_


class Zone(NamedTuple):
    """An IANA time zone, an ISO 3166 country and an ISO 4217 currency."""

    timezone: str
    country: str
    currency: str


def zone_at(
    lat: float,
    lng: float,
    *,
    timezone: str | None = None,
    country: str | None = None,
    currency: str | None = None,
) -> Zone:
    """Find what was not given; raise BadInput naming what cannot be found or is unknown."""
    zone = timezone or tzfpy.get_tz(lng, lat)
    if not zone or zone.startswith("Etc/") or zone not in available_timezones():
        sentence = N_("No time zone is known for this place. Please name one, such as Asia/Shanghai.")
        raise BadInput("timezone", sentence)
    land = (country or _country_of(zone)).upper()
    if land not in get_global("territory_currencies"):
        raise BadInput("country", N_("No country is known for this place. Please name one, such as CN."))
    money = (currency or next(iter(get_territory_currencies(land)), "")).upper()
    if not is_currency(money):
        raise BadInput("currency", N_("No currency is known for this place. Please name one, such as CNY."))
    return Zone(zone, land, money)


def _country_of(zone: str) -> str:
    """Look a zone up in CLDR, which keeps some zones under their older names."""
    countries = get_global("zone_territories")
    if zone in countries:
        return str(countries[zone])
    return str(countries.get(get_global("zone_aliases").get(zone, ""), ""))
