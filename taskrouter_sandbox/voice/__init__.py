"""Phone calls: what they do, and how TaskRouter and people take part in them. Pure: no I/O and no clock."""
