"""The platform's home: listings and their owners, and the balance of the books; composition only."""
