"""Where phone calls connect to the sandbox."""
