"""What the lessons share: find-or-create, the cast, checkpoints, the history of a task."""
