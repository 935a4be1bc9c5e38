"""What is asked of every shop, what follows when it is not kept, and the record of what did: for everybody to read."""
