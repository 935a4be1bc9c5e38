"""Binding: which form of a pass is the live one, and how its holder moves it to another phone or to paper.

Words: a *form* is a pass as one phone or one sheet of paper shows it; its *generation* counts the forms; to
*bind* makes a form for a phone's device key, to *print* one for paper.
Promises: one live form at a time: every new form ends the one before it, at tills too once they have heard of it;
nobody but the signed-in holder makes one.
"""
