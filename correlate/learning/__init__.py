"""Learn from closed orders of the past what later runs start from."""
