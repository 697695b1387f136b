"""The environment, the doctor, and the removal of what the lessons create."""
