"""The nouns of the voice side: calls, numbers, queues, conferences, phones, and what commands leave behind."""
