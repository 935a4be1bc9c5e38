"""How a shop writes and changes what it sells: the form, the list, and every press that moves an offer."""
