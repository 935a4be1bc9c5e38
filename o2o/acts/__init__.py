"""What people did in a shop's or the platform's name: one row per act, written with it, never changed.

An act is a posted form of the console, the till or the platform: who, in which role, where, what, when. The row is
written by the commit that carries the act out, so neither can be there without the other.
"""
