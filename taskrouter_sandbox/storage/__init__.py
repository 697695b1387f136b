"""What survives: the SQLite file."""
