"""The shop's public page, the wallet's front and other pages that compose many rooms for the guest.

Promises: composition only: it shows what the rooms below know, and changes nothing.
"""
