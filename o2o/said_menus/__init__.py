"""A menu as somebody types, pastes or dictates it, Chinese or English, read into lines; no database, no page.

Promises: every line that says something is a dish or several, a heading, or a fault that names it; no price is
guessed; every text gives an answer in bounded time.
"""
