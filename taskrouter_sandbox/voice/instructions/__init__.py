"""The assignment instructions that need a call: dequeue, call, redirect, conference and supervise (voice.md §4)."""
