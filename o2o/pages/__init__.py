"""The pages that an operator must have: terms, privacy, imprint, about, who bears what.

Texts are Markdown files in the data folder; where one is missing, the default of this room stands and says that it
is one.
"""
