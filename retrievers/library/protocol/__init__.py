"""How documents come into the library and go: in steps, of which each may be the last."""
