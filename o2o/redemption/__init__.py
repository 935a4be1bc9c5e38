"""The till: scan, confirm, redeem, undo.

Words: a *scan* is every look at a code, refusals too; a *redemption* takes uses from a pass; *annul* undoes
one within 15 minutes; a *nonce* makes a repeated press the same redemption; a *mark* is what every till has to
hear before it is *final*; a *held* one waits for somebody's decision.
Promises: a use is taken once; every outcome has a stable reason code and says what to do next; whoever holds a
pass can read who looked at it.
"""
