"""Keep what arrived, what was issued and what people did, on disk before it is acknowledged."""
