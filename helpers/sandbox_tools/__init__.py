"""What only a sandbox can do: skip time, order faults, pass tasks on."""
