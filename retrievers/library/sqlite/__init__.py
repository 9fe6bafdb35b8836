"""`library.db`: the tables, the connections to it, and what is kept in it."""
