"""What changes a library: adding files, syncing folders, refreshing what is stale, rebuilding for another embedder."""
