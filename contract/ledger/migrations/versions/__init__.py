"""Hold one module for each step from version to version."""
