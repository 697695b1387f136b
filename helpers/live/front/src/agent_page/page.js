// The page of an agent, a program of its own: the notebook gives it a token, everything else is between this page and
// TaskRouter. Twilio's SDK is a script of its own, with the global name TaskRouter.

/** @import { Settings } from "./session.js" */
/** @import { Doing } from "./view.js" */
import { render } from "lit-html";
import { tickAges } from "../shared/ages.js";
import { keepFocus } from "../shared/focus.js";
import { openSession } from "./session.js";
import { agentPage } from "./view.js";

const SERVER_GONE =
  "The notebook does not answer: its kernel has ended, or its callback server. Whoever is connected stays so until " +
  "the token ends. Run the notebook's cells again, then reload this page.";

const root = /** @type {HTMLElement} */ (document.querySelector("main"));
const address = new URLSearchParams(location.hash.slice(1));

/** Follow a theme: "light", "dark", or else what the browser says.
 * @param {string | null} scheme */
const follow = (scheme) => {
  document.documentElement.style.colorScheme = scheme === "light" || scheme === "dark" ? scheme : "light dark";
};

/** @returns {Promise<Settings>} */
async function ask() {
  const headers = { Authorization: `Bearer ${address.get("key") ?? ""}` };
  const answer = await fetch(`${location.pathname}/token`, { headers }).catch(() => {
    throw new Error(SERVER_GONE);
  });
  if (answer.ok) return answer.json();
  throw new Error(answer.status === 404 ? SERVER_GONE : await answer.text());
}

/** @type {Doing} */
const doing = {
  busy: null,
  refused: "",
  async run(key, act) {
    if (doing.busy) return;
    doing.busy = key;
    doing.refused = "";
    redraw();
    try {
      await act();
    } catch (error) {
      doing.refused = /** @type {Error} */ (error).message;
    }
    doing.busy = null;
    redraw();
  },
};

const session = openSession({
  ask,
  make: (token, options) => new TaskRouter.Worker(token, { ...options, logLevel: "silent" }),
  changed: () => redraw(),
});

function redraw() {
  document.title = session.settings ? `${session.settings.name} · agent` : "Agent";
  root.classList.toggle("tr-real", session.settings?.mode === "live");
  root.classList.toggle("tr-off", session.phase === "away");
  keepFocus(root, () => render(agentPage(session, doing), root));
  const events = root.querySelector(".tr-events");
  if (events) events.scrollTop = events.scrollHeight;
  tickAges(root, Date.now() / 1000);
}

addEventListener("message", ({ data, source }) => {
  if (source === parent && data?.scheme) follow(data.scheme);
});
if (parent !== window) parent.postMessage("agent page", "*"); // what holds the frame answers with its theme
setInterval(() => tickAges(root, Date.now() / 1000), 1000);
redraw();
