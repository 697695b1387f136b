"""What is told of the rules: the events, with their texts and fields."""
