"""The messages that the sandbox sends, how they are sent, and what their answers mean."""
