"""Serve feeds, pages and programs over HTTP."""
