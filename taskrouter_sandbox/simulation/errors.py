"""What is said of a day that cannot be rehearsed."""


class RehearsalError(ValueError):
    """A day, or what else a rehearsal was asked for, is not accepted.

    The message has a sentence for each mistake, which begins with its place and says what is accepted there.
    """
