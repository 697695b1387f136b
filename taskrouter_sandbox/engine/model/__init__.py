"""What a workspace is made of: resources, their look-ups, timers, and the effects of a command. No rules."""
