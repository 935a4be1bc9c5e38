"""What a pass looks like: its token, its short code and its forms, one live at a time."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.holders.models import DeviceKey
from o2o.issuer import queries as issuer
from o2o.kernel import journal, tokens
from o2o.kernel.db import new_id
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.offers import rules as offers
from o2o.offers.models import Terms
from o2o.passes.change import change, get_locked, tidings
from o2o.passes.models import Pass, PassForm
from o2o.passes.token import Token, minutes, sign_token
from o2o.shops import queries as shops

# A token counts its forms in one byte.
MOST_FORMS = 255
# States in which a pass may be, or become again, a code that a till takes.
OPEN = ("valid", "used", "expired", "refunding")


def issue(
    session: Session,
    *,
    account_id: int,
    terms: Terms,
    paid: int,
    issued_at: datetime,
    device: DeviceKey | None = None,
) -> Pass:
    """Make and sign a pass under these terms; `paid` is for this pass alone, in minor units.

    With the holder's `device` it is bound to that phone, else anybody's screen shows it. Side effects in order:
    the first issuer key where there is none, the pass, its form, fact pass.issued, the tills' feed. The window
    is widened to whole minutes, as the token carries it. NotAllowed for somebody else's device.
    """
    _check_owner(device, account_id)
    town = shops.founded(session)
    not_before, expires = offers.validity(terms, issued_at, town.timezone)
    key = issuer.signing_key(session, issued_at)
    token = Token(
        kid=key.kid,
        pass_id=new_id(),
        terms_id=terms.id,
        scope_id=terms.shop_id,
        not_before=minutes(not_before),
        expires=minutes(expires, up=True),
        uses=terms.uses,
        value=paid,
        device=_point(device),
        parity=_parity(device),
    )
    issued = Pass(
        id=token.pass_id,
        account_id=account_id,
        shop_id=terms.shop_id,
        terms_id=terms.id,
        state="valid",
        uses=terms.uses,
        uses_left=terms.uses,
        paid=paid,
        spent=0,
        currency=terms.currency,
        not_before=token.starts_at,
        expires=token.ends_at,
        kid=key.kid,
        gen=token.gen,
        form="bearer" if device is None else "bound",
        device_id=None if device is None else device.id,
        rebinds=0,
        token=sign_token(token, key.private),
        short_code=tokens.new_short_code(),
        issued_at=issued_at,
        changed_at=issued_at,
    )
    session.add(issued)
    session.flush()
    _note_form(session, issued, "issue", issued_at)
    journal.record(session, "pass.issued", pass_id=issued.id)
    tidings(session, issued)
    return issued


def reform(
    session: Session,
    *,
    pass_id: str,
    form: str,
    device: DeviceKey | None,
    why: str,
    now: datetime,
    key: str | None = None,
) -> Pass:
    """Give a valid pass a new form, which kills the one before: next gen, new token, new short code.

    `form` is bearer, bound (to `device`) or paper; `why` bind or print. The same `key` again changes nothing.
    Side effects in order: the pass, its form, the tills' feed. Raises RuleBroken "pass_not_open" (409) when the
    pass is not valid, "too_many_forms" after 255 of them, "key_reused" for the same key with another wish;
    NotAllowed for a device that is not the holder's. `rebinds` counts the moves to another phone.
    """
    if (form == "bound") != (device is not None):
        raise ValueError("a pass is bound to a device, and no other form has one")
    pass_ = get_locked(session, pass_id=pass_id)
    _check_owner(device, pass_.account_id)
    device_id = None if device is None else device.id
    known = _by_key(session, pass_id, key)
    if known is not None:
        if (known.form, known.device_id) != (form, device_id):
            raise RuleBroken("key_reused", N_("This was already asked for in another way. Reload the page."))
        return pass_
    if pass_.state != "valid" or now >= pass_.expires:
        raise RuleBroken("pass_not_open", N_("Only a pass that can still be used gets a new form."))
    if pass_.gen >= MOST_FORMS:
        raise RuleBroken("too_many_forms", N_("This pass has changed its form too often. Ask us for help."))
    moves = device_id is not None and _was_bound_elsewhere(session, pass_id, device_id)
    values = _signed(session, pass_, device, pass_.gen + 1, now) | {
        "form": form,
        "device_id": device_id,
        "rebinds": pass_.rebinds + moves,
        "short_code": tokens.new_short_code(),
    }
    return _write(session, pass_, values, why, now, key)


def reissue(session: Session, *, pass_id: str, now: datetime) -> Pass:
    """Sign a pass anew with the key of now, in the form it has; nothing to do when that key signed it.

    Gen and short code stay. Raises RuleBroken "pass_not_open" (409) for a pass that is over for good.
    """
    pass_ = get_locked(session, pass_id=pass_id)
    if pass_.state not in OPEN:
        raise RuleBroken("pass_not_open", N_("Only a pass that can still be used gets a new form."))
    if issuer.signing_key(session, now).kid == pass_.kid:
        return pass_
    device = None if pass_.device_id is None else session.get_one(DeviceKey, pass_.device_id)
    return _write(session, pass_, _signed(session, pass_, device, pass_.gen, now), "reissue", now)


def _signed(
    session: Session, pass_: Pass, device: DeviceKey | None, gen: int, now: datetime
) -> dict[str, object]:
    """Sign what a pass says in a form, with the key of now; return the columns that hold it."""
    signer = issuer.signing_key(session, now)
    token = token_of(pass_, kid=signer.kid, gen=gen, device=_point(device), parity=_parity(device))
    return {"kid": signer.kid, "gen": gen, "token": sign_token(token, signer.private)}


def token_of(pass_: Pass, *, kid: int, gen: int, device: bytes | None, parity: int) -> Token:
    """Return what a key signs of a pass in one of its forms; `device` and `parity` are its phone's x and y."""
    return Token(
        kid=kid,
        pass_id=pass_.id,
        terms_id=pass_.terms_id,
        scope_id=pass_.shop_id,
        not_before=minutes(pass_.not_before),
        expires=minutes(pass_.expires, up=True),
        uses=pass_.uses,
        gen=gen,
        value=pass_.paid,
        device=device,
        parity=parity,
    )


def _write(
    session: Session, pass_: Pass, values: dict[str, object], why: str, now: datetime, key: str | None = None
) -> Pass:
    """Write a pass's next form, on the condition that its form is still the one we read."""
    formed = change(
        session,
        pass_.id,
        sources=(pass_.state,),
        targets=(pass_.state,),
        where=(Pass.gen == pass_.gen, Pass.kid == pass_.kid),
        values=values,
        now=now,
    )
    if formed is None:
        raise RuntimeError(f"the form of pass {pass_.id} changed under its lock")
    _note_form(session, formed, why, now, key)
    return formed


def _note_form(session: Session, pass_: Pass, why: str, now: datetime, key: str | None = None) -> None:
    session.add(
        PassForm(
            pass_id=pass_.id,
            gen=pass_.gen,
            kid=pass_.kid,
            form=pass_.form,
            device_id=pass_.device_id,
            why=why,
            key=key,
            code=tokens.code_hash(pass_.short_code),
            at=now,
        )
    )
    session.flush()


def _by_key(session: Session, pass_id: str, key: str | None) -> PassForm | None:
    if key is None:
        return None
    known = select(PassForm).where(PassForm.pass_id == pass_id, PassForm.key == key)
    return session.scalars(known.limit(1)).first()


def _was_bound_elsewhere(session: Session, pass_id: str, device_id: int) -> bool:
    """Tell whether another phone ever held the pass: the first phone, and coming back from paper, are no move."""
    others = select(PassForm.gen).where(PassForm.pass_id == pass_id, PassForm.device_id != device_id)
    return session.scalars(others.limit(1)).first() is not None


def _check_owner(device: DeviceKey | None, account_id: int) -> None:
    if device is not None and device.account_id != account_id:
        raise NotAllowed


def _point(device: DeviceKey | None) -> bytes | None:
    return None if device is None else bytes.fromhex(device.x)


def _parity(device: DeviceKey | None) -> int:
    return 0 if device is None else int(device.y, 16) & 1
