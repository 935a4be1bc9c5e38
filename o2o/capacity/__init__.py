"""Every scarce thing: pools that are held, then committed or released; nothing is sold twice.

Words: a *pool* counts one scarce thing under an opaque key; a *hold* takes from several pools at once until a
moment; *commit* makes it a sale, *release* gives it back.
Promises: held is the sum of live holds; committed + held never passes the limit; the same key is one hold.
"""
