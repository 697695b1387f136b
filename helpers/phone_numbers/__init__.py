"""The number of the account that the lessons are called at, the agents' phones, and what their calls cost."""
