"""Payment providers: intents, captures, refunds, and the provider's word; decides nothing.

Words: an *intent* asks a provider for money, a *capture* is money taken, a *payback* money returned; a *notice* is a
verified webhook. The *sandbox* plays the bank and moves no money.
Promises: a call to a provider never happens inside a transaction; a notice counts once; a forged one never.
"""
