"""TwiML: what a web server's answer to a voice webhook says, and what is wrong with it (voice.md §1.5, §2)."""
