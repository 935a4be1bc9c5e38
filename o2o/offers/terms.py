"""A draft as terms, and what frozen terms promise about money."""

from o2o.kernel.words import N_
from o2o.offers.draft import Draft
from o2o.offers.models import Terms

_COPIED = (
    "price", "uses", "valid_days", "valid_from", "valid_until", "weekdays", "from_minute", "to_minute",
    "per_person", "total_cap", "day_cap", "refund_before_use", "refund_at_expiry",
)  # fmt: skip


def as_terms(draft: Draft, *, currency: str) -> Terms:
    """Write a draft as terms that belong to no offer yet, for a preview or for the next version."""
    return Terms(
        currency=currency,
        title=draft.title.strip(),
        contents=[[text.strip(), quantity, alone] for text, quantity, alone in draft.contents],
        notes=draft.notes.strip(),
        parts_price=draft.parts_price,
        **{name: getattr(draft, name) for name in _COPIED},
    )


def refund_words(terms: Terms) -> tuple[str, ...]:
    """Say the frozen refund rule in plain sentences (msgids); paid value never vanishes at expiry."""
    if terms.price == 0:
        return (N_("It is free, so there is nothing to pay back."),)
    words = [
        N_("Full refund any time before you use it.")
        if terms.refund_before_use
        else N_("No refund on request before it expires."),
        N_("If it expires unused, the money comes back by itself.")
        if terms.refund_at_expiry
        else N_("If it expires unused, your money stays yours: ask for it on the voucher's page."),
    ]
    if terms.uses > 1:
        words.append(N_("Uses you have already had stay paid; the rest comes back."))
    return tuple(words)
