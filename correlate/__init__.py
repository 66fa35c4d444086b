"""Explain the complaints there are and foresee those to come."""
