"""The methods of `Library`, by what they are about."""
