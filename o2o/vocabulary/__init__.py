"""Words of the town: what its shops, dishes and kinds are called and how that sounds; the index that search reads.

Words: a *term* is a searchable piece of a text; a *phrase* is a whole one (a name, a brand, a dish) that any number of
shops use; a *key* is a beginning under which it is found: as written, by its sound (+roujiamo), by its initials (-rjm);
a *kind* is a category or group, which stands in the code and therefore in no table.
Promises: what is written is found by it, by its sound and by its initials; everything can be rebuilt.
"""
