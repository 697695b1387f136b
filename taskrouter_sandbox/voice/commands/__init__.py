"""The commands on the voice side: what people do at phones, and what REST asks for. Each takes the time first."""
