"""The pictures a shop shows of itself, in its own order; the first one is its cover."""
