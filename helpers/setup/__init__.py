"""The environment, the learner's own copy of the lessons, the doctor, and the removal of what the lessons create."""
