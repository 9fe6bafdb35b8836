"""Relevance by served models: a vision-language model asked yes or no, and rerankers."""
