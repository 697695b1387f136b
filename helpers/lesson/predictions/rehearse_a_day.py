"""The questions of notebook 11."""

from __future__ import annotations

from helpers.live.widgets.prediction import Question

QUESTIONS = {
    "no-wait-and-not-in-time": Question(
        "Of the Spanish callers who were answered, 90 of 100 did not wait at all. Yet only about three of four Spanish "
        "callers were answered within a minute. How can both be true?",
        options=(
            "They cannot: one of the figures is wrong",
            "Those who hang up are never answered, so they are not among those whose waits are counted",
            "The last ten of a hundred wait so long that they spoil the mean",
        ),
        right=1,
        why="Waits are those of answered calls. Where nobody is on duty, callers hang up, and the waits of the others "
        "look splendid. The service level counts those who hung up late, too.",
    ),
    "lunch-an-hour-later": Question(
        "Diego goes to lunch at 13:00 instead of 12:00, so that somebody who speaks Spanish is always there. What "
        "becomes of the share of Spanish callers who are answered within a minute?",
        options=("It rises to nine of ten or more", "It hardly changes", "It falls to one half"),
        right=1,
        why="Around noon thirteen Spanish callers come an hour, and talk for four minutes each: 52 minutes of work in "
        "an hour. One agent alone is busy nearly all the time, and now there are two such hours. Fewer callers hang "
        "up, but those who stay wait longer.",
    ),
}
