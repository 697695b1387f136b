"""What configurations say: the expression language, and workflows."""
