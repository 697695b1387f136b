// An agent's connection to TaskRouter: a token, Twilio's `Worker` made with it, and what both have said.

/** @import { Reservation, Worker, WorkerOptions } from "twilio-taskrouter" */

/** Seconds without a connection after which the kernel is asked whether TaskRouter is somewhere else by now. */
const LOOK_AFTER = 5;
/** Lines that are kept of what has happened. */
const KEPT = 12;

/** What the notebook gives to the page.
 * @typedef {object} Settings
 * @property {string} token
 * @property {"sandbox" | "live"} mode
 * @property {string} name of the worker
 * @property {Pick<WorkerOptions, "ebServer" | "wsServer" | "region">} options where TaskRouter is
 * @property {string} [wrong] why there is no token, and what to do
 */

/** @typedef {"connecting" | "ready" | "away"} Phase away: TaskRouter was there, and does not answer now */

/**
 * @typedef {object} Session
 * @property {Settings | null} settings
 * @property {Worker | null} worker
 * @property {Phase} phase
 * @property {string} trouble what is wrong, as a sentence
 * @property {{ at: number, text: string }[]} lines what has happened, the newest last
 * @property {Map<string, number>} ahead by reservation: milliseconds that TaskRouter's clock is ahead of this page's
 * @property {(text: string) => void} note
 */

/** @type {[keyof import("twilio-taskrouter").WorkerOptions | string, string][]} */
const ENDINGS = [
  ["accepted", "was accepted"],
  ["rejected", "was rejected"],
  ["timeout", "timed out"],
  ["canceled", "was canceled"],
  ["rescinded", "was rescinded: somebody else has the task"],
  ["wrapup", "is wrapping up"],
  ["completed", "was completed"],
];

/** Connect, and stay connected.
 * @param {object} page
 * @param {() => Promise<Settings>} page.ask the notebook for a token
 * @param {(token: string, options: WorkerOptions) => Worker} page.make
 * @param {() => void} page.changed
 * @returns {Session} */
export function openSession({ ask, make, changed }) {
  /** @type {Session} */
  const session = {
    settings: null,
    worker: null,
    phase: "connecting",
    trouble: "",
    lines: [],
    ahead: new Map(),
    note(text) {
      session.lines = [...session.lines, { at: Date.now(), text }].slice(-KEPT);
      changed();
    },
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  const known = new WeakSet();

  const lookLater = () => {
    waiting ??= setTimeout(look, LOOK_AFTER * 1000); // the SDK tries each second, and tells each time
  };

  /** See where TaskRouter is, and connect there, unless the Worker does so by itself. */
  async function look() {
    waiting = undefined;
    const before = session.settings;
    const asked = await askForSettings();
    if (!asked) return lookLater();
    const moved = before?.options.wsServer !== asked.options.wsServer;
    if (session.worker && session.phase !== "connecting" && !moved) return lookLater();
    session.worker?.disconnect();
    connect(asked);
  }

  /** Ask for settings; null, and the reason on the page, when there are none. */
  async function askForSettings() {
    try {
      const asked = await ask();
      session.trouble = asked.wrong ?? "";
      session.settings = asked;
      changed();
      return asked.wrong ? null : asked;
    } catch (error) {
      session.trouble = /** @type {Error} */ (error).message;
      changed();
      return null;
    }
  }

  /** @param {Settings} asked */
  function connect({ token, options }) {
    const worker = make(token, options);
    session.worker = worker;
    session.phase = "connecting";
    const own =
      (/** @type {(...values: any[]) => void} */ act) =>
      (/** @type {any[]} */ ...values) => {
        if (session.worker === worker) act(...values);
      };
    worker.on(
      "ready",
      own(() => {
        clearTimeout(waiting);
        waiting = undefined;
        session.phase = "ready";
        session.trouble = "";
        for (const reservation of worker.reservations.values()) follow(reservation);
        for (const channel of worker.channels.values()) {
          channel.on("availabilityUpdated", changed);
          channel.on("capacityUpdated", changed);
        }
        session.note("Connected to TaskRouter.");
      }),
    );
    worker.on(
      "disconnected",
      own(() => {
        if (session.phase !== "away") session.note("The connection is lost. The SDK connects again by itself.");
        session.phase = "away";
        lookLater();
      }),
    );
    worker.on(
      "error",
      own((error) => {
        if (session.phase !== "ready") lookLater();
        session.trouble = error.message;
        changed();
      }),
    );
    worker.on(
      "tokenExpired",
      own(async () => {
        const asked = await askForSettings();
        if (asked) worker.updateToken(asked.token);
        if (asked) session.note("The token was replaced by a new one.");
      }),
    );
    worker.on(
      "activityUpdated",
      own(() => session.note(`${worker.name} is ${worker.activity.name}.`)),
    );
    worker.on("attributesUpdated", own(changed));
    worker.on(
      "reservationCreated",
      own((reservation) => {
        follow(reservation);
        session.note(`${worker.name} is offered a task of the queue ${reservation.task.queueName}.`);
      }),
    );
  }

  /** @param {Reservation} reservation */
  function follow(reservation) {
    const { sid, task } = reservation;
    if (known.has(reservation)) return;
    known.add(reservation);
    session.ahead.set(sid, task.dateCreated.getTime() + task.age * 1000 - Date.now());
    for (const [event, words] of ENDINGS) {
      reservation.on(/** @type {any} */ (event), () => session.note(`The reservation ${words}.`));
    }
    for (const event of ["updated", "canceled", "completed", "wrapup"]) task.on(/** @type {any} */ (event), changed);
  }

  look();
  return session;
}
