"""Where a shop wants its money: one account at a time, sealed at rest, shown whole to a fresh sign-in only."""
