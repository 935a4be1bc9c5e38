"""Opening hours as an owner says or pastes them, Chinese or English, read into a week; no database, no page.

Words: an *item* is a piece of the text that is a set of days or a thing said of days; a *claim* is days and what is
said of them; a *doubt* is what somebody should look at, with what was said and how it was read.
Promises: every text gives an answer in bounded time; what is not understood is handed back, word by word.
"""
