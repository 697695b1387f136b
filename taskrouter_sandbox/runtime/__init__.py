"""The shell around the engine: the unit of work, timers, webhooks, the clock."""
