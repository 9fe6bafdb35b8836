"""Settings, the builder, and the three ways in: Python, command line, service."""
