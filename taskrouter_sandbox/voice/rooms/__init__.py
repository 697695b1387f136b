"""Where calls meet: bridges, queues and conferences."""
