"""How reasons, states and proofs are said; untranslated here."""

from o2o.kernel.words import N_

SHOP_REASONS = {
    "closed": N_("It has closed for good"),
    "moved": N_("It has moved"),
    "wrong": N_("Something here is not right"),
    "remove": N_("Please take it off the map"),
    "bribe": N_("They reward good reviews"),
}
REVIEW_REASONS = {
    "fake": N_("Not written by a guest"),
    "bribe": N_("Written for a reward"),
    "abuse": N_("Insulting or hateful"),
    "private": N_("Tells private things about somebody"),
    "other": N_("Something else"),
}
STATES = {
    "open": ("wait", N_("Waiting for an answer")),
    "upheld": ("ok", N_("Agreed")),
    "dismissed": ("quiet", N_("Not agreed")),
}
PROOFS = {
    "paid": N_("Used a paid voucher"),
    "free": N_("Used a free coupon"),
    "confirmed": N_("Visit confirmed at the counter"),
    "unconfirmed": N_("Checked in, not confirmed"),
}


def reason(key: str, *, of_review: bool) -> str:
    """Say a reason, untranslated."""
    return (REVIEW_REASONS if of_review else SHOP_REASONS)[key]
