"""What a shop has on its menu: lines in sections, read by guests, written as a whole by one at a time."""
