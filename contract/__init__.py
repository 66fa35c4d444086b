"""Declare, read, check and write the tables of the contract: the ground floor."""
