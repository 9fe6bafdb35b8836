"""The vector index beside `library.db`: how it is reached, written, mistrusted and mended."""
