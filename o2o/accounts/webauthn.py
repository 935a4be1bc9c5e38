"""WebAuthn ceremonies: py_webauthn behind the checks that it leaves to its caller."""

import hmac
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from o2o.accounts.models import Passkey
from o2o.kernel.errors import BadInput
from o2o.kernel.words import N_

log = logging.getLogger("o2o.webauthn")
Result = TypeVar("Result")
# CTAP allows credential ids of at most this many bytes.
LONGEST_ID = 1023
TIMEOUT_MS = 5 * 60 * 1000
TRANSPORTS = ("usb", "nfc", "ble", "smart-card", "hybrid", "internal", "cable")


@dataclass(frozen=True, slots=True)
class Site:
    """The relying party: its id, its name, and the origins its pages have."""

    id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What a phone made, checked."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    transports: str


def refusal() -> BadInput:
    """Make the one answer to everything that is not a good ceremony."""
    return BadInput("bad_passkey", N_("The passkey's answer did not fit. Please start again."))


def creation_options(
    site: Site, *, name: str, handle: bytes, challenge: bytes, known: Iterable[bytes]
) -> Any:
    """Return the options for making a passkey: discoverable, with user verification, no attestation.

    `known` are the credential ids that the account has: a phone that holds one makes no second.
    """
    criteria = AuthenticatorSelectionCriteria(
        resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
    )
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name=site.name,
        user_name=name,
        user_id=handle,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=criteria,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential_id) for credential_id in known],
    )
    return json.loads(options_to_json(options))


def request_options(site: Site, *, challenge: bytes, known: Iterable[bytes] = ()) -> Any:
    """Return the options for signing in; with `known` only these credentials may answer."""
    options = webauthn.generate_authentication_options(
        rp_id=site.id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=credential_id) for credential_id in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.loads(options_to_json(options))


def challenge_in(credential: Any) -> bytes:
    """Read which challenge an answer is for; BadInput for garbage and for pages framed by other sites."""
    return guarded(lambda: _challenge_in(credential))


def credential_id_in(credential: Any) -> bytes:
    """Read which passkey an answer is from; BadInput for garbage."""
    return guarded(lambda: base64url_to_bytes(credential["rawId"]))


def verify_creation(site: Site, credential: Any, *, challenge: bytes) -> NewCredential:
    """Check a new passkey; BadInput unless everything holds."""
    made = guarded(
        lambda: webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    )
    if not 0 < len(made.credential_id) <= LONGEST_ID:
        raise refusal()
    said = credential["response"].get("transports")
    transports = [name for name in TRANSPORTS if name in said] if isinstance(said, list) else []
    return NewCredential(
        made.credential_id,
        made.credential_public_key,
        made.sign_count,
        made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        made.credential_backed_up,
        ",".join(transports),
    )


def verify_answer(
    site: Site, credential: Any, passkey: Passkey, *, challenge: bytes, chosen: bool
) -> tuple[int, bool]:
    """Check an answer and return the new sign count and whether the passkey is backed up; BadInput otherwise.

    Where the phone chose the account by itself (`chosen`) it must name that account's user handle; where the
    page named the passkeys it may leave the handle out, never give another.
    """
    handle = guarded(lambda: _handle_in(credential))
    if (handle is None and chosen) or (
        handle is not None and not hmac.compare_digest(handle, passkey.user_handle)
    ):
        raise refusal()
    checked = guarded(
        lambda: webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=list(site.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    )
    # Whether a passkey can be backed up is fixed when it is made; a changed flag means another authenticator.
    if (checked.credential_device_type is CredentialDeviceType.MULTI_DEVICE) != passkey.backup_eligible:
        raise refusal()
    return checked.new_sign_count, checked.credential_backed_up


def guarded(step: Callable[[], Result]) -> Result:
    """Run a step over foreign data; whatever it raises is the sender's fault and becomes BadInput."""
    try:
        return step()
    except Exception as error:
        # The library lets KeyError, struct.error and more escape on garbage: no list is complete.
        log.info("refused: %r", error)
        raise refusal() from error


def _challenge_in(credential: Any) -> bytes:
    data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    if data.get("crossOrigin") not in (None, False) or "topOrigin" in data:
        raise ValueError("the page stood in a frame of another site")
    return base64url_to_bytes(data["challenge"])


def _handle_in(credential: Any) -> bytes | None:
    said = credential["response"].get("userHandle")
    return None if said is None else base64url_to_bytes(said)
