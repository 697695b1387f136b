"""What observers tell of the rules: events, with their texts and fields; how each task was decided on; or counts."""
