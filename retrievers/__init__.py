"""Embedding, storing and searching passages; relevance and the cut to at most k."""
