"""Why a task went where it went: asked of the sandbox, which has noted it, or inferred from what live Twilio tells."""
