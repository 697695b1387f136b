"""The control plane under `/_sandbox/`: what the real service does not have."""
