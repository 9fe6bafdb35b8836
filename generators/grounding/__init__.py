"""What a reply claims, which of the shown regions it cites for it, and whether they say so."""
