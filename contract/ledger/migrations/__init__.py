"""Bring a ledger of an earlier version to this one."""
