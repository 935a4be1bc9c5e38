"""Tills: the phones that a shop takes passes with, who stands behind them, and what they may do offline.

Words: a *till* is one browser registered to one shop; it *waits* until an owner lets it in, is *active*, then
*revoked*; a *PIN* says which member of staff holds a shared phone; the shop's *rules* are its offline budget; the
*watermark* is the epoch that every active till has heard.
Promises: only an owner lets a till in; a revoked till keeps its unsent ledger; a till's own clock is never trusted.
"""
