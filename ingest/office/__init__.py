"""Office files, web pages and texts: made into PDF by LibreOffice before they are read."""
