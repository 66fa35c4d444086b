"""Know what the counters say nobody reported."""
