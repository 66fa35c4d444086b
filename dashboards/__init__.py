"""Show a person what was found."""
