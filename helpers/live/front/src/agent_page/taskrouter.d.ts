import type * as sdk from "twilio-taskrouter";

declare global {
  /** Twilio's SDK, a script of its own. */
  const TaskRouter: typeof sdk;
}
