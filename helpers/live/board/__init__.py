"""The board: a workspace as it is now, and how it came to be so.

sequence: the arrows; board_actions: the controls; board: the widget. What it knows, it knows from the feed.
"""
