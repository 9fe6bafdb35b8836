"""The library on disk: one truth in SQLite, a vector index beside it, and the protocol that keeps them together."""
