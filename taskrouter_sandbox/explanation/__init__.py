"""Why a task went where it went: what was seen when TaskRouter decided, and what follows from it, in words.

Pure functions over facts. The sandbox notes the facts when it decides; of live Twilio they are read over REST.
"""
