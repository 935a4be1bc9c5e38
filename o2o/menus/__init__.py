"""What a shop has on its menu: lines in sections, brought by hand or from a file, with a look before and a way back."""
