"""The commands beside `serve` and `stop`: each adds its options to the parser, and gives an exit code."""
