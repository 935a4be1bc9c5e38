"""Binding: which phone, or which sheet of paper, a pass may be shown by.

Words: to *bind* is to let one phone alone show a pass; to *print* makes the paper the pass. Both kill the form
before: one live form at a time. A *move* is a bind to another phone than before.
Promises: three moves of a pass are free, more need a recovery code each; one press has one effect however often it
arrives.
"""
