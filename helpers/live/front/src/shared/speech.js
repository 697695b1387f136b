// Captions read aloud by the browser, which speaks them in their language.

/** @import { ShownCall, Sid } from "./types.js" */

const NO_SPEECH = "This browser cannot read aloud.";
const NO_VOICE = "This browser has no voice to read aloud with.";

/**
 * @typedef {object} Reader
 * @property {() => boolean} isOn
 * @property {() => string} obstacle why nothing can be read; empty: it can
 * @property {(on: boolean, calls: ShownCall[]) => void} turn read what comes from now on, or nothing
 * @property {(calls: ShownCall[]) => void} follow read what is new
 * @property {() => void} close
 */

/** The voice for a language: of that region, or else of another one. None: the browser is to choose.
 * @param {SpeechSynthesisVoice[]} voices
 * @param {string} language such as `es` or `en-GB` */
export function voiceFor(voices, language) {
  const wanted = language.toLowerCase();
  const main = (/** @type {string} */ tag) => tag.toLowerCase().replace("_", "-").split("-")[0];
  const exact = voices.find(({ lang }) => lang.toLowerCase().replace("_", "-") === wanted);
  return exact ?? voices.find(({ lang }) => main(lang) === main(wanted)) ?? null;
}

/** Make what reads the captions of calls, once it is turned on.
 * @param {() => void} changed called when the voices have come, without which nothing can be read
 * @returns {Reader} */
export function openReader(changed) {
  const { speechSynthesis: speech } = window;
  /** @type {Map<Sid, number>} how many captions of each call are known */
  const known = new Map();
  /** @type {Map<SpeechSynthesisUtterance, Sid>} what is being read or waits for it */
  const pending = new Map();
  let on = false;

  const hush = () => {
    if (!pending.size) return; // what another phone has read goes on
    pending.clear();
    speech.cancel();
  };
  const say = (/** @type {Sid} */ call, /** @type {string} */ words, /** @type {string} */ language) => {
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = language;
    utterance.voice = voiceFor(speech.getVoices(), language);
    utterance.onend = utterance.onerror = () => pending.delete(utterance);
    pending.set(utterance, call);
    speech.speak(utterance);
  };
  const take = (/** @type {ShownCall} */ call) => {
    const count = call.earlier + call.captions.length;
    const fresh = Math.min(call.captions.length, count - (known.get(call.sid) ?? 0));
    known.set(call.sid, count);
    return fresh > 0 ? call.captions.slice(-fresh) : [];
  };
  const follow = (/** @type {ShownCall[]} */ calls) => {
    if (!on) return;
    for (const call of calls) {
      for (const { kind, said, language } of take(call)) {
        if (kind === "done")
          hush(); // a key or a word cuts the prompt short
        else if (said && call.live) say(call.sid, said, language);
      }
    }
    const live = new Set(calls.filter((each) => each.live).map(({ sid }) => sid));
    if ([...pending.values()].some((call) => !live.has(call))) hush();
  };
  speech?.addEventListener?.("voiceschanged", changed);

  return {
    isOn: () => on,
    obstacle: () => (!speech ? NO_SPEECH : speech.getVoices().length ? "" : NO_VOICE),
    turn(to, calls) {
      on = to;
      if (on) for (const call of calls) take(call);
      else hush();
    },
    follow,
    close() {
      hush();
      speech?.removeEventListener?.("voiceschanged", changed);
    },
  };
}
