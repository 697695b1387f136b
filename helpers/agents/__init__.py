"""The agents' side: their tokens, Twilio's SDK for their pages, and a page that is ready to be used."""
