"""Holders: the device keys of guests' phones, to which passes are bound.

Words: a *device key* is a P-256 key that a browser made and cannot give away; the server knows its public half
and through which login it was registered.
Promises: a private key never leaves its phone; a phone without a key still holds passes, as bearer ones.
"""
