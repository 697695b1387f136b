"""The TwiML verbs: one module for each, or for a few small ones."""
