"""Know where the network is and which cell serves a place."""
