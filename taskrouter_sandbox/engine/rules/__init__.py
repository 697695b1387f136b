"""How tasks, reservations and workers move: each module stands above those it uses."""
