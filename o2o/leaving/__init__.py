"""A shop that goes: announced, taken back, carried out, and what is left of it for the next owner."""
