"""Reading in processes of its own, so that a hostile page hurts only itself."""
