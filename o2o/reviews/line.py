"""Reviews as pages print them: whose they are, what they rest on, and what became of that."""

from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext as _

from o2o.kernel.locales import html_lang
from o2o.kernel.words import N_
from o2o.photos.models import Photo
from o2o.reviews.models import Reply, Review
from o2o.reviews.queries import Said
from o2o.shops import queries as shops

# What a review rests on: kind and text of its badge.
PROOFS = {
    "insider": ("wait", N_("Works here or did: outside the score")),
    "undone": ("wait", N_("Taken back at the till: outside the score")),
    "paid": ("ok", N_("Redeemed here")),
    "free": ("quiet", N_("Free coupon: outside the score")),
    "confirmed": ("ok", N_("Visit confirmed by staff")),
    "unconfirmed": ("quiet", N_("Unconfirmed visit: outside the score")),
}


class Printed(NamedTuple):
    """A review ready to print."""

    review: Review
    shop: str
    is_gone: bool
    who: str
    badge: tuple[str, str]
    counted: bool
    refund: str
    photos: Sequence[Photo]
    reply: Reply | None


def printed(said: Said) -> Printed:
    """Make a review ready to print in the reader's language."""
    review = said.review
    kind, text = PROOFS[rests_on(said)]
    return Printed(
        review=review,
        shop=shops.shop_name(said.shop, html_lang()),
        is_gone=said.shop.status == "gone",
        who=shops.voice_alias(review.account_id, review.shop_id, html_lang()),
        badge=(kind, _(text)),
        counted=said.counted,
        refund=refund_words(said),
        photos=said.photos,
        reply=said.reply,
    )


def rests_on(said: Said) -> str:
    """Name what a review rests on: a key of PROOFS."""
    if said.insider:
        return "insider"
    if said.review.visit_id is not None:
        return "confirmed" if said.confirmed_at else "unconfirmed"
    if said.annulled_at is not None:
        return "undone"
    return "paid" if said.value else "free"


def refund_words(said: Said) -> str:
    """Say what became of the money, where some of it went back."""
    if not said.refunded:
        return ""
    if said.annulled_at is not None:
        return str(_("This purchase was refunded later."))
    return str(_("The unused part of this purchase was refunded later."))
