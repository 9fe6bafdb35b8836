"""Documents in, regions and passages out."""
