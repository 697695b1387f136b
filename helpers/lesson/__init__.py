"""What the lessons share: their pages and what is done of them, find-or-create, checkpoints, questions, take-home."""
