"""The pretended bank's bad days, in words."""

from o2o.kernel.words import N_

# (answer, button, what will happen)
OTHER_ENDINGS = (
    ("slow", N_("Approve slowly"), N_("The bank takes about 20 seconds to say yes.")),
    ("lost", N_("Lose the answer"), N_("The bank says yes, but your phone never hears it.")),
    ("duplicate", N_("Say it twice"), N_("The bank says yes and reports it more than once.")),
    ("late", N_("Answer too late"), N_("The bank says yes in 12 minutes, when the place is no longer held.")),
)
