"""Every resource of Twilio's Monitor API that the sandbox serves (rest-contract.md §16)."""

from . import alerts

OPERATIONS = alerts.resource.operations
