"""Several shops of one owner: offers that all of them carry alike, beside each one's own."""
