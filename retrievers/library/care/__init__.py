"""Keeping a library well: looking it over, mending, healing, backing up, restoring."""
