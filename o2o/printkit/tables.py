"""What tables are called: the labels of their posters, read back in any language."""

from collections.abc import Iterable
from functools import cache

from flask_babel import force_locale
from flask_babel import gettext as _

from o2o.checkin.models import Poster
from o2o.kernel.locales import LOCALES
from o2o.printkit.rules import MOST_TABLES


def labels() -> dict[int, str]:
    """Name the tables in the visitor's language."""
    return {number: _("Table %(num)s", num=number) for number in range(1, MOST_TABLES + 1)}


@cache
def known() -> dict[str, int]:
    """Tell which number a label means, in whatever language it was made."""
    found = {}
    for locale in LOCALES:
        with force_locale(locale):
            found.update({label: number for number, label in labels().items()})
    return found


def numbered(posters: Iterable[Poster]) -> list[tuple[int, Poster]]:
    """Pick the posters that stand on tables, by number."""
    found = [(number, poster) for poster in posters if (number := known().get(poster.label))]
    return sorted(found, key=lambda one: (one[0], one[1].id))
