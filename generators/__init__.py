"""From evidence to grounded answers."""
