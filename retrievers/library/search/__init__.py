"""Finding passages within a scope: by vectors, and by words."""
