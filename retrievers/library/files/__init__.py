"""The files beside `library.db`: copies of what was read, and PDFs that were made of it."""
