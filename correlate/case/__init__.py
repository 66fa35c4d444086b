"""Lay out the case of a work order: what each step of the procedure asked and found, and the reply."""
