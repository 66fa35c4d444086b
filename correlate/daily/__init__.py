"""Draw up the daily report from what a run kept: each section a module, `report` puts them together."""
