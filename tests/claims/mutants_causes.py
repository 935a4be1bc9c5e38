"""Bugs to plant in who is blamed and who is held."""

from o2o.claims import evidence, fold
from tests.claims import promises, test_fold, test_fold_causes
from tests.claims.mutants import Mutant

IN_THE_CAUSES: tuple[Mutant, ...] = (
    # Doubt
    ("pay what is in doubt", fold, "if claim.id in in_doubt)", "if False)", promises.doubts_are_held),
    ("overlook the receiver's doubt", evidence, "or claim.suspect or", "or", promises.doubts_are_held),
    ("overlook the drift", evidence, "before or abs(", "before and abs(", promises.doubts_are_held),
    (
        "doubt the last amber step",
        evidence,
        "- shown_in(claim)) > AMBER",
        "- shown_in(claim)) >= AMBER",
        test_fold_causes.test_drift_beyond_twenty_steps_is_held,
    ),
    (
        "overlook what is older than its binding",
        evidence,
        "before or abs(",
        "abs(",
        test_fold_causes.test_a_claim_older_than_its_binding_is_held,
    ),
    (
        "overlook a proof used again",
        evidence,
        " or _replayed(claim, original)",
        "",
        test_fold_causes.test_a_proof_used_again_beyond_its_showing_is_held,
    ),
    (
        "doubt one showing at two tills",
        evidence,
        "claim.till == original.till or apart > ONE_SHOWING",
        "True",
        test_fold.test_other_till_is_no_same_scan,
    ),
    (
        "overlook a proof used for more",
        evidence,
        "claim.till == original.till or apart",
        "apart",
        test_fold_causes.test_a_proof_used_again_for_more_at_its_till_is_held,
    ),
    (
        "overlook more than the pass has",
        evidence,
        " or claim.quantity > uses",
        "",
        test_fold.test_quantity_beyond_the_pass_suspects_the_till,
    ),
    (
        "doubt what was decided",
        evidence,
        "        if claim.final:\n            continue\n",
        "",
        promises.doubts_are_held,
    ),
    (
        "doubt what the server saw",
        evidence,
        "not claim.confirmed and (",
        "(",
        test_fold_causes.test_confirmed_and_final_are_not_held,
    ),
    # Causes
    (
        "blame for what was settled before",
        fold,
        "ousted = claim.id in rightful or (rival is None and released > 0 and not refunded)",
        "ousted = False",
        test_fold.test_final_goes_before_all,
    ),
    (
        "blame after a refund paid out",
        fold,
        " or (rival is None and released > 0 and not refunded)",
        "",
        test_fold.test_released_wholly_nobody_else_is_to_blame,
    ),
    (
        "forget that it came late",
        fold,
        "if ousted or _class(claim) == LATE:",
        "if ousted:",
        promises.strikes_are_hard,
    ),
    ("forget why the refund won", fold, "if refunded:", "if False:", promises.refund_stands),
    (
        "strike on the word of a winner in doubt",
        fold,
        " or rival.id in in_doubt",
        "",
        promises.strikes_are_hard,
    ),
    (
        "strike on the word of a loser in doubt",
        fold,
        "claim.id in in_doubt or rival.id",
        "rival.id",
        promises.strikes_are_hard,
    ),
    ("strike across bindings", fold, "if claim.gen != rival.gen:", "if False:", promises.strikes_are_hard),
    (
        "strike by a copied winner",
        fold,
        'claim.kind != "live" or rival.kind != "live"',
        'claim.kind != "live"',
        promises.strikes_are_hard,
    ),
    (
        "strike by a copied loser",
        fold,
        'claim.kind != "live" or rival.kind != "live"',
        'rival.kind != "live"',
        promises.strikes_are_hard,
    ),
    ("strike within one showing", fold, "<= ONE_SHOWING", "< ONE_SHOWING", promises.strikes_are_hard),
    (
        "blame the holder for what one till did",
        fold,
        "if claim.till == rival.till:",
        "if False:",
        promises.strikes_are_hard,
    ),
    (
        "name the farthest winner",
        fold,
        "min(winners, key=distance",
        "max(winners, key=distance",
        test_fold_causes.test_seen_against_the_nearest_winner,
    ),
    (
        "name a winner of the same till",
        fold,
        "(winner.till == claim.till, abs(",
        "(False, abs(",
        test_fold_causes.test_seen_against_another_till_before_its_own,
    ),
)
