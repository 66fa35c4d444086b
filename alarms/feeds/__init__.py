"""Take alarms in that come as events and texts, not as tables."""
