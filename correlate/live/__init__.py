"""Drive the step live: rows come in through a ledger, what is issued goes out to it, and a crash loses nothing."""
