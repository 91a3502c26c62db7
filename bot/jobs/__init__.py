"""What the engine and the schedule run. Each may be called again after a crash at any instant."""
