// The frame of every live widget: its title, how fresh it is, what is wrong, and a body that the widget draws.

/** @import { FrameState, RenderProps } from "./types.js" */
import { html, render } from "lit-html";
import { freshness, kernelEnded, kernelSilent, SILENT_AFTER } from "./freshness.js";
import { shareKeys } from "./keys.js";
import { takeMessages } from "./messages.js";

/** Seconds in which a heartbeat may still come from the kernel that has ended. */
const LAST_WORDS = 3;
/** Seconds between two messages that tell the kernel that the widget is looked at. */
const VIEWING_EVERY = 20;

/**
 * @template {FrameState} State
 * @typedef {object} Body
 * @property {(body: HTMLElement, state: State, live: boolean) => void} draw the state has changed, or whether it is live: the kernel answers, and what is shown was not deleted
 * @property {(body: HTMLElement, now: number) => void} [tick] each second, with the kernel's time in seconds since 1970
 */

/** Show a widget in its frame. Returns what draws the body again, and what takes the widget down.
 * @template {FrameState} State
 * @param {RenderProps<State>} props
 * @param {Body<State>} view
 * @returns {{ redraw: () => void, unmount: () => void }} */
export function mountFrame({ model, el }, { draw, tick = () => {} }) {
  el.classList.add("tr");
  el.setAttribute("role", "group");
  const head = document.createElement("div");
  const body = document.createElement("div");
  head.className = "tr-frame";
  body.className = "tr-body";
  el.append(head, body);

  let heardAt = performance.now();
  /** @type {number | null} when the host said that the kernel has ended */
  let endedAt = null;
  let wasLive = true;
  let wasConnected = false; // what can be done beside a notebook shows only in the page
  const silence = () => (performance.now() - heardAt) / 1000;
  const isLive = () => endedAt === null && silence() <= SILENT_AFTER;

  const drawHead = () => {
    const state = model.get("state");
    const live = isLive();
    const isCurrent = live && !state.trouble;
    const [mark, words] = live ? freshness(model.get("heartbeat"), silence(), isCurrent) : ["✕", "not live"];
    const isBeside = "beside" in el.dataset;
    const gone = live ? "" : endedAt !== null ? kernelEnded(isBeside) : kernelSilent(Math.floor(silence()), isBeside);
    const wrong = [state.fault, state.trouble].filter(Boolean).join(" ");
    render(
      html`<div class="tr-head"><span class="tr-title">${state.title}${state.mode === "live" ? html` <strong class="tr-live">LIVE ACCOUNT</strong>` : ""}</span><span class="tr-fresh"><span aria-hidden="true">${mark}</span> <span>${words}</span></span></div>
        <p class="tr-gone" role="status">${gone}</p>
        <p class="tr-wrong" role="status">${wrong}</p>`,
      head,
    );
    el.setAttribute("aria-label", state.mode === "live" ? `${state.title}, live account` : state.title);
    el.classList.toggle("tr-off", !(live && !state.gone));
    el.classList.toggle("tr-real", state.mode === "live");
  };
  const redraw = () => {
    wasConnected = el.isConnected;
    drawHead();
    const state = model.get("state");
    draw(body, state, isLive() && !state.gone);
  };
  const look = () => {
    const live = isLive();
    if (live === wasLive && el.isConnected === wasConnected) drawHead();
    else redraw();
    wasLive = live;
    const { now } = model.get("heartbeat");
    if (live && now && !model.get("state").trouble) tick(body, now + silence());
  };

  const onHeartbeat = () => {
    heardAt = performance.now();
    if (endedAt !== null && heardAt - endedAt > LAST_WORDS * 1000) endedAt = null;
    look();
  };
  const onState = () => {
    onHeartbeat();
    redraw();
  };
  const onKernelEnded = () => {
    endedAt = performance.now();
    look();
  };
  const tellViewing = () => {
    if (document.hidden || endedAt !== null) return;
    try {
      model.send({ kind: "viewing" });
    } catch {
      // no way to the kernel: the missing heartbeat says so
    }
  };
  const onVisibility = () => {
    if (!document.hidden) heardAt = performance.now();
    tellViewing();
  };

  model.on("change:state", onState);
  model.on("change:heartbeat", onHeartbeat);
  model.on("comm_live_update", onKernelEnded); // JupyterLab's own word that the kernel ended; other hosts have none
  document.addEventListener("visibilitychange", onVisibility);
  const releaseKeys = shareKeys(el);
  const timers = [setInterval(look, 1000), setInterval(tellViewing, VIEWING_EVERY * 1000)];
  redraw();
  takeMessages(model, model.get("state").model_id);
  tellViewing();

  const unmount = () => {
    for (const timer of timers) clearInterval(timer);
    document.removeEventListener("visibilitychange", onVisibility);
    releaseKeys();
    model.off("change:state", onState);
    model.off("change:heartbeat", onHeartbeat);
    model.off("comm_live_update", onKernelEnded);
  };
  return { redraw, unmount };
}
