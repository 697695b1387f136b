// A phone: a keypad, the number to dial, and the calls that it has, with captions instead of sound.

/** @import { PhoneState, RenderProps, ShownCall, Sid } from "../shared/types.js" */
import { render as draw, html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { openActions } from "../shared/actions.js";
import { age, tickAges } from "../shared/ages.js";
import { beside } from "../shared/beside.js";
import { keepFocus } from "../shared/focus.js";
import { mountFrame } from "../shared/frame.js";
import { uniqueId } from "../shared/ids.js";
import { openReader } from "../shared/speech.js";
import { plural } from "../shared/text.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
/** @type {Record<string, string>} */
const SPOKEN = { "*": "star", "#": "pound" };
const KINDS = { heard: "", done: "tr-bydoing", wrong: "tr-byerror" };
const SENDING = "Sending it to the kernel …";

/** Which call the keys and words go to: the one that was chosen, or else the newest that was answered.
 * @param {ShownCall[]} calls the newest first
 * @param {Sid | null} chosen */
export function callOfKeypad(calls, chosen) {
  const talking = calls.filter(({ talks }) => talks);
  return talking.find(({ sid }) => sid === chosen) ?? talking[0] ?? null;
}

/** @param {ShownCall[]} calls */
const isInUse = (calls) => calls.some((each) => each.live);

/** Say what the keypad is for.
 * @param {ShownCall[]} calls
 * @param {ShownCall | null} target */
export function keypadWords(calls, target) {
  if (target) return "Keys go to the call.";
  return isInUse(calls) ? "Keys work once it is answered." : "Keys write the number.";
}

/** @param {RenderProps<PhoneState>} props */
function render({ model, el }) {
  const id = uniqueId();
  const actions = openActions(model, () => frame.redraw());
  const reader = openReader(() => frame.redraw());
  /** @type {string | null} what was typed, if anything */
  let typed = null;
  /** @type {Sid | null} */
  let chosen = null;
  /** Whether the keys are shown: of a caller's phone always, of an agent's when somebody has unfolded them. */
  let unfolded = false;

  /** @param {string} key */
  const press = (key) => {
    const { calls } = model.get("state");
    const target = callOfKeypad(calls, chosen);
    if (target) actions.run({ type: "press", call: target.sid, digits: key });
    else if (!isInUse(calls)) {
      typed = (typed ?? "") + key;
      frame.redraw();
    }
  };
  const onKeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS.includes(event.key)) return;
    event.preventDefault();
    press(event.key);
  };
  const onNumber = (/** @type {Event} */ event) => {
    typed = /** @type {HTMLInputElement} */ (event.target).value;
    frame.redraw();
  };
  /** @param {PhoneState} state */
  const wanted = ({ numbers }) => (typed ?? numbers[0] ?? "").trim();
  const onDial = (/** @type {Event} */ event) => {
    event.preventDefault();
    const to = wanted(model.get("state"));
    if (!to || actions.isWaiting("dial") || isInUse(model.get("state").calls)) return;
    typed = null;
    actions.run({ type: "dial", to });
  };
  const onSay = (/** @type {Event} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("words"));
    const call = callOfKeypad(model.get("state").calls, chosen)?.sid;
    const words = input.value.trim();
    if (!call || !words) return;
    input.value = "";
    actions.run({ type: "say", call, words });
  };
  const onReadAloud = (/** @type {Event} */ event) =>
    reader.turn(/** @type {HTMLInputElement} */ (event.target).checked, model.get("state").calls);
  const onBehaviour = (/** @type {Event} */ event) =>
    actions.run({ type: "set-phone", answer: /** @type {HTMLSelectElement} */ (event.target).value });

  /** While a call goes on nobody dials, and the form keeps its place.
   * @param {PhoneState} state
   * @param {boolean} isLive */
  const dialForm = (state, isLive) => {
    const inUse = isInUse(state.calls);
    return html`<form class="tr-dialform" @submit=${onDial}>
    <label class="tr-soft" for="${id}-number">Number to dial</label>
    <input id="${id}-number" type="tel" name="number" autocomplete="off" .value=${live(typed ?? state.numbers[0] ?? "")} ?disabled=${!isLive} @input=${onNumber} />
    <button type="submit" class="tr-button ${inUse ? "" : "tr-main"}" data-control="dial" aria-disabled=${String(inUse)} ?disabled=${!isLive || !wanted(state)}>Call</button>
    </form>`;
  };

  /** @param {PhoneState} state
   * @param {boolean} isLive */
  const keypad = (state, isLive) => {
    const target = callOfKeypad(state.calls, chosen);
    const works = isLive && (target !== null || !isInUse(state.calls));
    return html`<div class="tr-dialpad">
      <div class="tr-keypad" role="group" aria-label="Keypad" aria-describedby="${id}-keypad" @keydown=${onKeydown}>
        ${KEYS.map((key) => html`<button type="button" class="tr-button tr-phonekey" aria-label=${SPOKEN[key] ?? nothing} aria-disabled=${String(!works)} ?disabled=${!isLive} @click=${() => press(key)}>${key}</button>`)}
      </div>
      <p class="tr-soft" id="${id}-keypad">${keypadWords(state.calls, target)}</p>
    </div>`;
  };

  /** @param {PhoneState} state
   * @param {boolean} isLive */
  const settings = (state, isLive) => {
    const obstacle = reader.obstacle();
    const openBeside = beside(model, el);
    const onKeys = () => {
      unfolded = !unfolded;
      frame.redraw();
    };
    return html`<div class="tr-phonesettings">
      <label class="tr-soft tr-behaviour">When it is called
        <select .value=${live(state.behaviour)} ?disabled=${!isLive} @change=${onBehaviour}>
          ${state.behaviours.map(([value, words]) => html`<option value=${value} ?selected=${value === state.behaviour}>${words}</option>`)}
        </select>
      </label>
      <label class="tr-soft tr-aloud"><input type="checkbox" ?checked=${reader.isOn()} ?disabled=${Boolean(obstacle)} aria-describedby="${id}-aloud" @change=${onReadAloud} /> Read aloud</label>
      <button type="button" class="tr-button" data-control="unfold" aria-expanded=${String(unfolded)} ?hidden=${state.dials} ?disabled=${!isLive} @click=${onKeys}>Keys</button>
      <button type="button" class="tr-button" aria-label="Open beside the notebook" ?hidden=${!openBeside} ?disabled=${!isLive} @click=${() => openBeside?.()}>Open beside</button>
      <p class="tr-soft tr-obstacle" id="${id}-aloud">${obstacle}</p>
    </div>`;
  };

  /** @param {ShownCall} call
   * @param {boolean} isLive
   * @param {boolean} several whether the keys could go to another call */
  const card = (call, isLive, several) => {
    const hasCaptions = call.captions.length > 0 || (call.live && !call.rings);
    const act = (/** @type {"answer" | "reject" | "hang-up"} */ type) => () => actions.run({ type, call: call.sid });
    return html`<li class="tr-phonecall ${call.live ? "" : "tr-phoneover"} ${call.rings ? "tr-phonerings" : ""}" data-key="call ${call.sid}">
      <div class="tr-phonetalk ${hasCaptions ? "tr-hascaptions" : ""}">
        <div class="tr-phonehead">
          <p><strong>${call.rings ? html`<span aria-hidden="true">☎ </span>` : ""}${call.state}</strong></p>
          <p>${call.waits} <span class="tr-soft">${call.live ? html`since ${call.at}, ${age(call.since, "for")}` : `at ${call.at}${call.took ? `, after ${call.took}` : ""}`}</span></p>
          <div class="tr-phonebuttons">
          <button type="button" class="tr-button tr-main" data-acts data-control="answer" ?hidden=${!call.rings} ?disabled=${!isLive} @click=${act("answer")}>Answer</button>
          <button type="button" class="tr-button" data-control="reject" ?hidden=${!call.rings} ?disabled=${!isLive} @click=${act("reject")}>Reject</button>
          <button type="button" class="tr-button tr-main" data-acts data-control="hang-up" ?hidden=${!call.live || call.rings} ?disabled=${!isLive} @click=${act("hang-up")}>Hang up</button>
          <button type="button" class="tr-button" data-control="keys" ?hidden=${!several || !call.talks} aria-pressed=${String(callOfKeypad(model.get("state").calls, chosen)?.sid === call.sid)} ?disabled=${!isLive}
            @click=${() => {
              chosen = call.sid;
              frame.redraw();
            }}>Keys go here</button>
          </div>
        </div>
        <div class="tr-captions" role="log" aria-label="Captions" tabindex="0" ?hidden=${!hasCaptions}>${call.captions.map(
          ({ at, kind, text }) =>
            html`<p class=${KINDS[kind]}><span class="tr-soft">${at}</span> <span>${text}</span></p>`,
        )}</div>
      </div>
      <p class="tr-soft" ?hidden=${!call.earlier}>${plural(call.earlier, "earlier caption")} not shown.</p>
      <details class="tr-phonerequests" ?hidden=${!call.requests.length}>
        <summary>${plural(call.requests.length, "request")} to your app</summary>
        <ol>${call.requests.map((each) => html`<li><code>${each}</code></li>`)}</ol>
      </details>
    </li>`;
  };

  /** @param {PhoneState} state
   * @param {boolean} isLive */
  const template = (state, isLive) => {
    const { calls, refused } = state;
    const hasKeys = state.dials || unfolded;
    const several = calls.filter(({ talks }) => talks).length > 1;
    const target = callOfKeypad(calls, chosen);
    return html`<div class="tr-phone" data-key="phone"><div class="tr-phonegrid ${hasKeys ? "tr-haskeys" : ""}">
      ${hasKeys ? dialForm(state, isLive) : ""}
      <div class="tr-phonescreen">
        <p class="tr-unseen" role="status">${state.sentence}</p>
        <p class="tr-soft" ?hidden=${calls.length > 0}>${state.sentence}</p>
        <ul class="tr-phonecalls">${repeat(
          calls,
          ({ sid }) => sid,
          (call) => card(call, isLive, several),
        )}</ul>
        <form class="tr-sayform" ?hidden=${!target} @submit=${onSay}>
          <input type="text" name="words" aria-label="What you say" placeholder="Say something" maxlength="4096" autocomplete="off" ?disabled=${!isLive} />
          <button type="submit" class="tr-button" data-control="say" ?disabled=${!isLive}>Say</button>
        </form>
        <p class="tr-choice ${refused ? "tr-refused" : ""}" role="status">${actions.isSending() ? SENDING : state.about_action}</p>
      </div>
      ${hasKeys ? keypad(state, isLive) : ""}
      ${settings(state, isLive)}
    </div></div>`;
  };

  const frame = mountFrame(
    { model, el },
    {
      draw(body, state, isLive) {
        if (state.advice) return draw(html`<p class="tr-sentence">${state.advice}</p>`, body);
        const ends = new Map(
          [...body.querySelectorAll(".tr-captions")].map((list) => [
            list,
            list.scrollHeight - list.scrollTop - list.clientHeight < 8,
          ]),
        );
        reader.follow(state.calls);
        keepFocus(body, () => draw(template(state, isLive), body));
        for (const list of body.querySelectorAll(".tr-captions")) {
          if (ends.get(list) ?? true) list.scrollTop = list.scrollHeight;
        }
        tickAges(body, model.get("heartbeat").now ?? Date.now() / 1000);
      },
      tick: tickAges,
    },
  );
  return () => {
    frame.unmount();
    actions.close();
    reader.close();
  };
}

export default { render };
