"""Read the measurement files of equipment into the table of counters."""
