import "./dom.js"; // first
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { openReader, voiceFor } from "../src/shared/speech.js";
import phone from "../src/widgets/phone.js";
import { FakeModel } from "./fakes.js";
import { mount } from "./mount.js";

const VOICES = [{ lang: "en-GB" }, { lang: "en-US" }, { lang: "es_MX" }];

/** What a browser speaks with, which happy-dom has not. */
class FakeSpeech extends window.EventTarget {
  voices = VOICES;
  spoken = [];
  canceled = 0;
  getVoices = () => this.voices;
  speak = (utterance) => this.spoken.push(utterance);
  cancel = () => {
    this.canceled += 1;
  };
  end() {
    for (const each of this.spoken) each.onend();
  }
}

let speech;
beforeEach(() => {
  speech = window.speechSynthesis = new FakeSpeech();
  globalThis.SpeechSynthesisUtterance = class {
    constructor(text) {
      this.text = text;
    }
  };
});
afterEach(() => {
  delete window.speechSynthesis;
  delete globalThis.SpeechSynthesisUtterance;
});

const say = (said, language = "en-US") => ({ at: "12:00:00", kind: "heard", text: `“${said}”`, said, language });
const PRESSED = { at: "12:00:00", kind: "done", text: "You press 1.", said: "", language: "en-US" };
const call = (captions, more = {}) => ({ sid: "CA1", live: true, earlier: 0, captions, ...more });
const spoken = () => speech.spoken.map(({ text, lang }) => [text, lang]);

test("once it is on, what is said is read in its language, each time once", () => {
  const reader = openReader(() => {});
  reader.follow([call([say("Before")])]);
  reader.turn(true, [call([say("Before")])]);
  const two = [say("Before"), say("Hola", "es"), say("Hello")];
  reader.follow([call(two)]);
  reader.follow([call(two)]);
  assert.deepEqual(spoken(), [
    ["Hola", "es"],
    ["Hello", "en-US"],
  ]);
  reader.follow([call([...two.slice(1), say("Bye")], { earlier: 1 })]);
  assert.deepEqual(spoken().at(-1), ["Bye", "en-US"]);
  reader.turn(false, []);
  reader.follow([call([say("No more")], { sid: "CA2" })]);
  assert.equal(speech.spoken.length, 3);
});

test("a call that begins while it is on is read from its first word, one that has ended is not", () => {
  const reader = openReader(() => {});
  reader.turn(true, []);
  reader.follow([call([say("Hi")]), call([say("Old")], { sid: "CA2", live: false })]);
  assert.deepEqual(spoken(), [["Hi", "en-US"]]);
});

test("a key, the end of the call and turning it off stop the voice; where nothing is read, nothing is stopped", () => {
  const reader = openReader(() => {});
  reader.turn(true, []);
  reader.follow([call([say("One")])]);
  assert.equal(speech.canceled, 0);
  reader.follow([call([say("One"), PRESSED])]);
  assert.equal(speech.canceled, 1);
  reader.follow([call([say("One"), PRESSED, say("Two")])]);
  reader.follow([call([say("One"), PRESSED, say("Two")], { live: false })]);
  assert.equal(speech.canceled, 2);
  reader.follow([call([say("Three")], { sid: "CA2" })]);
  speech.end();
  reader.turn(false, []);
  assert.equal(speech.canceled, 2, "all was read");
  reader.turn(true, []);
  reader.follow([call([say("Four")], { sid: "CA3" })]);
  reader.close();
  assert.equal(speech.canceled, 3);
});

test("the voice is of the language and its region, or else of the language", () => {
  const lang = (language) => voiceFor(VOICES, language)?.lang ?? null;
  assert.deepEqual(["en-US", "en-us", "es-ES", "es", "de"].map(lang), ["en-US", "en-US", "es_MX", "es_MX", null]);
});

test("without a voice the phone says why it cannot read, until there is one", () => {
  const state = { title: "Phone", calls: [], numbers: [], behaviours: [], history: [], sentence: "", about_action: "" };
  speech.voices = [];
  const shown = mount(phone, new FakeModel({ state }));
  const box = shown.el.querySelector(".tr-aloud input");
  const why = () => shown.el.querySelector(".tr-obstacle").textContent;
  assert.deepEqual([box.disabled, why()], [true, "This browser has no voice to read aloud with."]);
  speech.voices = VOICES;
  speech.dispatchEvent(new Event("voiceschanged"));
  assert.deepEqual([box.disabled, box.checked, why()], [false, false, ""]);
  shown.unmount();
  delete window.speechSynthesis;
  const mute = mount(phone, new FakeModel({ state }));
  assert.equal(mute.el.querySelector(".tr-obstacle").textContent, "This browser cannot read aloud.");
  mute.unmount();
});

test("on the phone, a click has the captions read", () => {
  const state = { title: "Phone", calls: [], numbers: [], behaviours: [], history: [], sentence: "", about_action: "" };
  const model = new FakeModel({ state });
  const shown = mount(phone, model);
  shown.el.querySelector(".tr-aloud input").click();
  const here = { state: "", waits: "", since: 0, requests: [], talks: true };
  model.set("state", { ...state, calls: [call([say("Para Español, oprima el uno.", "es")], here)] });
  assert.deepEqual(spoken(), [["Para Español, oprima el uno.", "es"]]);
  shown.unmount();
  assert.equal(speech.canceled, 1);
});
