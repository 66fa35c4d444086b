"""Know what the equipment says is broken."""
