"""A public address for the callback server: pyngrok when live, loopback in the sandbox."""
