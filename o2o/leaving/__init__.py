"""Taking everything along and going: the shop's own file, its closing, and how long anything is kept."""
