"""Everything that draws: the feed of a workspace, widgets, the board."""
