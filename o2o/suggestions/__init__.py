"""Help for who types: what a beginning may become, and what a search that finds nothing was meant as; owns no tables.

Promises: at most eight lines, each a plain link; a guess is only made where nothing is found, and the page says so.
"""
