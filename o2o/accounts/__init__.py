"""People: an account without name, mail or phone; passkeys, the second door, sessions and recovery.

Words: an *account* is a person; a *passkey* opens it; the *recovery key* is the second door for phones
without passkeys; *recovery codes* are ten single-use keys; a *login* is one signed-in device.
Promises: a stolen cookie is dead after sign-out; nothing that opens an account is stored in the clear.
"""
