"""How long anything is kept, why, and what ends it: a clock or a reason for every table, for everybody to read."""
