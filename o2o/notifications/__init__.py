"""The inbox: receipts and news for one account, written by facts, read in the visitor's language.

Words: a *message* has a kind and values; its sentence is made when it is read.
Promises: one message per event, however often the event is delivered.
"""
