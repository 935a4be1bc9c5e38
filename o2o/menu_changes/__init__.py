"""How a menu changes: by hand, or from a file with a look before and a way back."""
