"""Bugs to plant in who wins: the order, the set, the counting, annulments and refunds."""

from collections.abc import Callable
from types import ModuleType

from o2o.claims import evidence, fold
from tests.claims import promises, test_fold, test_fold_causes

RANK = "return (_class(claim), shown_in(claim), claim.at, claim.id)"
SHOWING = "showing = (claim.till, claim.gen, claim.step, claim.quantity)"

# What is broken, where, the source, what it becomes, and the promise or hand case that must fail.
Mutant = tuple[str, ModuleType, str, str, Callable[..., None]]

IN_THE_ORDER: tuple[Mutant, ...] = (
    # The order
    (
        "drop the last tie-break",
        fold,
        RANK,
        "return (_class(claim), shown_in(claim), claim.at, 0)",
        promises.any_order,
    ),
    (
        "drop the tie-break by time",
        fold,
        RANK,
        "return (_class(claim), shown_in(claim), 0, claim.id)",
        promises.by_rank,
    ),
    ("first come, first served", fold, RANK, "return (_class(claim), 0, 0, '')", promises.any_order),
    ("trust the till's clock", fold, RANK, "return (_class(claim), claim.at, 0, claim.id)", promises.by_rank),
    (
        "trust the till's clock in everything",
        evidence,
        "return step_of(claim.at) if claim.step is None else claim.step",
        "return step_of(claim.at)",
        test_fold.test_proof_outranks_the_tills_clock,
    ),
    (
        "let time outrank the class",
        fold,
        RANK,
        "return (shown_in(claim), _class(claim), claim.at, claim.id)",
        promises.by_rank,
    ),
    (
        "forget what was final",
        fold,
        "return FINAL if claim.final else _plain_class(claim)",
        "return _plain_class(claim)",
        promises.finals_stay,
    ),
    ("forget what the server saw", fold, "if claim.confirmed:", "if False:", promises.by_rank),
    ("take late ones in turn", fold, "LATE if claim.late else OFFLINE", "OFFLINE", promises.by_rank),
    # The set
    (
        "key by what was scanned",
        fold,
        "every.setdefault(claim.id, claim)",
        "every.setdefault(f'{claim.gen} {claim.step}', claim)",
        promises.each_once,
    ),
    (
        "key by what was scanned, silently",
        fold,
        "every.setdefault(claim.id, claim) != claim",
        "every.setdefault(f'{claim.gen} {claim.step}', claim) is None",
        promises.each_once,
    ),
    (
        "count a repeated upload again",
        fold,
        "every.setdefault(claim.id, claim)",
        "every.setdefault(str(len(every)), claim)",
        promises.any_order,
    ),
    (
        "believe the first of two contents",
        fold,
        "every.setdefault(claim.id, claim) != claim",
        "every.setdefault(claim.id, claim) is None",
        test_fold.test_same_id_other_content_is_an_error,
    ),
    (
        "let the first arrival stand for its twins",
        fold,
        "standing = sorted((claim for claim in every.values() if claim.id not in undone), key=_rank)\n"
        "    scans, collapsed = _collapse(standing)\n",
        "scans, collapsed = _collapse([one for one in every.values() if one.id not in undone])\n"
        "    scans.sort(key=_rank)\n",
        promises.any_order,
    ),
    # One showing scanned twice
    (
        "collapse what has no proof",
        fold,
        'if claim.kind == "live" and not claim.final and showing in first:',
        "if not claim.final and first.setdefault(showing, claim) is not claim:",
        test_fold.test_codes_without_a_proof_never_collapse,
    ),
    ("collapse nothing", fold, "and showing in first:", "and False:", promises.one_showing_once),
    (
        "collapse across tills",
        fold,
        SHOWING,
        "showing = ('', claim.gen, claim.step, claim.quantity)",
        promises.one_showing_once,
    ),
    (
        "collapse across bindings",
        fold,
        SHOWING,
        "showing = (claim.till, 0, claim.step, claim.quantity)",
        test_fold.test_other_binding_is_no_same_scan,
    ),
    (
        "collapse another step",
        fold,
        SHOWING,
        "showing = (claim.till, claim.gen, 0, claim.quantity)",
        test_fold.test_next_step_is_a_second_use,
    ),
    (
        "collapse another quantity",
        fold,
        SHOWING,
        "showing = (claim.till, claim.gen, claim.step, 0)",
        promises.one_showing_once,
    ),
    # Counting
    (
        "win without uses left",
        fold,
        "if claim.quantity <= left and not is_after(claim, refund):",
        "if not is_after(claim, refund):",
        promises.within_uses,
    ),
    ("win by the last use alone", fold, "claim.quantity <= left", "left > 0", promises.within_uses),
    (
        "win only below the last use",
        fold,
        "claim.quantity <= left",
        "claim.quantity < left",
        promises.by_rank,
    ),
    (
        "count scans, not uses",
        fold,
        "left -= claim.quantity\n            winners",
        "left -= 1\n            winners",
        promises.within_uses,
    ),
    (
        "stop at the first that does not fit",
        fold,
        "            winners.append(claim)\n",
        "            winners.append(claim)\n        else:\n            break\n",
        promises.by_rank,
    ),
    ("pay back what was used", fold, "refundable=uses - used", "refundable=uses", promises.within_uses),
    ("number from nought", fold, "start=1", "start=0", promises.numbered),
    (
        "leave one per scan",
        fold,
        "left -= claim.quantity\n        rows",
        "left -= 1\n        rows",
        promises.numbered,
    ),
    (
        "accept more finals than uses",
        fold,
        "if released > uses or any(claim.final and claim.id not in won for claim in scans):",
        "if False:",
        test_fold.test_more_final_than_uses_is_an_error,
    ),
    # Annulment
    ("annul from any till", fold, " or annul.till != claim.till", "", promises.annulled_out),
    ("annul what is final", fold, "or claim.final or", "or", promises.annulled_out),
    (
        "annul at any time",
        fold,
        "if abs(annul.at - claim.at) <= ANNUL_MS:",
        "if True:",
        promises.annulled_out,
    ),
    ("annul not at the last moment", fold, "<= ANNUL_MS", "< ANNUL_MS", promises.annulled_out),
    ("count what was annulled", fold, "if claim.id not in undone", "if True", promises.annulled_out),
    # Refunds
    (
        "ignore the refund",
        fold,
        "winners = _walk(scans, uses - released, refund)",
        "winners = _walk(scans, uses - released, None)",
        promises.refund_stands,
    ),
    (
        "spend what was paid back",
        fold,
        "winners = _walk(scans, uses - released, refund)",
        "winners = _walk(scans, uses, refund)",
        promises.within_uses,
    ),
    (
        "take uses for an open refund",
        fold,
        "if refund and refund.released else 0",
        "if refund else 0",
        promises.by_rank,
    ),
    (
        "let the request's own step lose",
        evidence,
        "shown_in(claim) > last",
        "shown_in(claim) >= last",
        promises.by_rank,
    ),
    (
        "date a refund by the till's clock",
        evidence,
        "shown_in(claim) > last",
        "step_of(claim.at) > last",
        promises.refund_stands,
    ),
    (
        "let a phone's clock win the refund",
        evidence,
        '(AHEAD if claim.kind == "live" else 0)',
        "0",
        promises.by_rank,
    ),
    (
        "let a refund undo what is final",
        evidence,
        "if refund is None or claim.final:",
        "if refund is None:",
        test_fold.test_the_final_stands_whenever_it_was_shown,
    ),
    (
        "excuse an old list",
        evidence,
        " and claim.at - claim.list_at <= FRESH_LIST_MS",
        "",
        test_fold_causes.test_a_fresh_list_older_than_the_request_excuses,
    ),
    (
        "excuse a list that named the refund",
        evidence,
        "claim.list_at <= refund.at and ",
        "",
        test_fold_causes.test_a_fresh_list_older_than_the_request_excuses,
    ),
)
