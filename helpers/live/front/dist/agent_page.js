/* Built from helpers/live/front/src by `npm run build`: change the sources, not this file. */

// node_modules/lit-html/lit-html.js
var t = globalThis, i = (t4) => t4, s = t.trustedTypes, e = s ? s.createPolicy("lit-html", { createHTML: (t4) => t4 }) : void 0, h = "$lit$", o = `lit$${Math.random().toFixed(9).slice(2)}$`, n = "?" + o, r = `<${n}>`, l = document, c = () => l.createComment(""), a = (t4) => t4 === null || typeof t4 != "object" && typeof t4 != "function", u = Array.isArray, d = (t4) => u(t4) || typeof t4?.[Symbol.iterator] == "function", f = `[ 	
\f\r]`, v = /<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g, _ = /-->/g, m = />/g, p = RegExp(`>|${f}(?:([^\\s"'>=/]+)(${f}*=${f}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`, "g"), g = /'/g, $ = /"/g, y = /^(?:script|style|textarea|title)$/i, x = (t4) => (i4, ...s3) => ({ _$litType$: t4, strings: i4, values: s3 }), b = x(1), w = x(2), T = x(3), E = /* @__PURE__ */ Symbol.for("lit-noChange"), A = /* @__PURE__ */ Symbol.for("lit-nothing"), C = /* @__PURE__ */ new WeakMap(), P = l.createTreeWalker(l, 129);
function V(t4, i4) {
  if (!u(t4) || !t4.hasOwnProperty("raw")) throw Error("invalid template strings array");
  return e !== void 0 ? e.createHTML(i4) : i4;
}
var N = (t4, i4) => {
  let s3 = t4.length - 1, e3 = [], n2, l3 = i4 === 2 ? "<svg>" : i4 === 3 ? "<math>" : "", c3 = v;
  for (let i5 = 0; i5 < s3; i5++) {
    let s4 = t4[i5], a2, u4, d2 = -1, f2 = 0;
    for (; f2 < s4.length && (c3.lastIndex = f2, u4 = c3.exec(s4), u4 !== null); ) f2 = c3.lastIndex, c3 === v ? u4[1] === "!--" ? c3 = _ : u4[1] !== void 0 ? c3 = m : u4[2] !== void 0 ? (y.test(u4[2]) && (n2 = RegExp("</" + u4[2], "g")), c3 = p) : u4[3] !== void 0 && (c3 = p) : c3 === p ? u4[0] === ">" ? (c3 = n2 ?? v, d2 = -1) : u4[1] === void 0 ? d2 = -2 : (d2 = c3.lastIndex - u4[2].length, a2 = u4[1], c3 = u4[3] === void 0 ? p : u4[3] === '"' ? $ : g) : c3 === $ || c3 === g ? c3 = p : c3 === _ || c3 === m ? c3 = v : (c3 = p, n2 = void 0);
    let x2 = c3 === p && t4[i5 + 1].startsWith("/>") ? " " : "";
    l3 += c3 === v ? s4 + r : d2 >= 0 ? (e3.push(a2), s4.slice(0, d2) + h + s4.slice(d2) + o + x2) : s4 + o + (d2 === -2 ? i5 : x2);
  }
  return [V(t4, l3 + (t4[s3] || "<?>") + (i4 === 2 ? "</svg>" : i4 === 3 ? "</math>" : "")), e3];
}, S = class _S {
  constructor({ strings: t4, _$litType$: i4 }, e3) {
    let r3;
    this.parts = [];
    let l3 = 0, a2 = 0, u4 = t4.length - 1, d2 = this.parts, [f2, v3] = N(t4, i4);
    if (this.el = _S.createElement(f2, e3), P.currentNode = this.el.content, i4 === 2 || i4 === 3) {
      let t5 = this.el.content.firstChild;
      t5.replaceWith(...t5.childNodes);
    }
    for (; (r3 = P.nextNode()) !== null && d2.length < u4; ) {
      if (r3.nodeType === 1) {
        if (r3.hasAttributes()) for (let t5 of r3.getAttributeNames()) if (t5.endsWith(h)) {
          let i5 = v3[a2++], s3 = r3.getAttribute(t5).split(o), e4 = /([.?@])?(.*)/.exec(i5);
          d2.push({ type: 1, index: l3, name: e4[2], strings: s3, ctor: e4[1] === "." ? I : e4[1] === "?" ? L : e4[1] === "@" ? z : H }), r3.removeAttribute(t5);
        } else t5.startsWith(o) && (d2.push({ type: 6, index: l3 }), r3.removeAttribute(t5));
        if (y.test(r3.tagName)) {
          let t5 = r3.textContent.split(o), i5 = t5.length - 1;
          if (i5 > 0) {
            r3.textContent = s ? s.emptyScript : "";
            for (let s3 = 0; s3 < i5; s3++) r3.append(t5[s3], c()), P.nextNode(), d2.push({ type: 2, index: ++l3 });
            r3.append(t5[i5], c());
          }
        }
      } else if (r3.nodeType === 8) if (r3.data === n) d2.push({ type: 2, index: l3 });
      else {
        let t5 = -1;
        for (; (t5 = r3.data.indexOf(o, t5 + 1)) !== -1; ) d2.push({ type: 7, index: l3 }), t5 += o.length - 1;
      }
      l3++;
    }
  }
  static createElement(t4, i4) {
    let s3 = l.createElement("template");
    return s3.innerHTML = t4, s3;
  }
};
function M(t4, i4, s3 = t4, e3) {
  if (i4 === E) return i4;
  let h3 = e3 !== void 0 ? s3._$Co?.[e3] : s3._$Cl, o2 = a(i4) ? void 0 : i4._$litDirective$;
  return h3?.constructor !== o2 && (h3?._$AO?.(!1), o2 === void 0 ? h3 = void 0 : (h3 = new o2(t4), h3._$AT(t4, s3, e3)), e3 !== void 0 ? (s3._$Co ??= [])[e3] = h3 : s3._$Cl = h3), h3 !== void 0 && (i4 = M(t4, h3._$AS(t4, i4.values), h3, e3)), i4;
}
var R = class {
  constructor(t4, i4) {
    this._$AV = [], this._$AN = void 0, this._$AD = t4, this._$AM = i4;
  }
  get parentNode() {
    return this._$AM.parentNode;
  }
  get _$AU() {
    return this._$AM._$AU;
  }
  u(t4) {
    let { el: { content: i4 }, parts: s3 } = this._$AD, e3 = (t4?.creationScope ?? l).importNode(i4, !0);
    P.currentNode = e3;
    let h3 = P.nextNode(), o2 = 0, n2 = 0, r3 = s3[0];
    for (; r3 !== void 0; ) {
      if (o2 === r3.index) {
        let i5;
        r3.type === 2 ? i5 = new k(h3, h3.nextSibling, this, t4) : r3.type === 1 ? i5 = new r3.ctor(h3, r3.name, r3.strings, this, t4) : r3.type === 6 && (i5 = new Z(h3, this, t4)), this._$AV.push(i5), r3 = s3[++n2];
      }
      o2 !== r3?.index && (h3 = P.nextNode(), o2++);
    }
    return P.currentNode = l, e3;
  }
  p(t4) {
    let i4 = 0;
    for (let s3 of this._$AV) s3 !== void 0 && (s3.strings !== void 0 ? (s3._$AI(t4, s3, i4), i4 += s3.strings.length - 2) : s3._$AI(t4[i4])), i4++;
  }
}, k = class _k {
  get _$AU() {
    return this._$AM?._$AU ?? this._$Cv;
  }
  constructor(t4, i4, s3, e3) {
    this.type = 2, this._$AH = A, this._$AN = void 0, this._$AA = t4, this._$AB = i4, this._$AM = s3, this.options = e3, this._$Cv = e3?.isConnected ?? !0;
  }
  get parentNode() {
    let t4 = this._$AA.parentNode, i4 = this._$AM;
    return i4 !== void 0 && t4?.nodeType === 11 && (t4 = i4.parentNode), t4;
  }
  get startNode() {
    return this._$AA;
  }
  get endNode() {
    return this._$AB;
  }
  _$AI(t4, i4 = this) {
    t4 = M(this, t4, i4), a(t4) ? t4 === A || t4 == null || t4 === "" ? (this._$AH !== A && this._$AR(), this._$AH = A) : t4 !== this._$AH && t4 !== E && this._(t4) : t4._$litType$ !== void 0 ? this.$(t4) : t4.nodeType !== void 0 ? this.T(t4) : d(t4) ? this.k(t4) : this._(t4);
  }
  O(t4) {
    return this._$AA.parentNode.insertBefore(t4, this._$AB);
  }
  T(t4) {
    this._$AH !== t4 && (this._$AR(), this._$AH = this.O(t4));
  }
  _(t4) {
    this._$AH !== A && a(this._$AH) ? this._$AA.nextSibling.data = t4 : this.T(l.createTextNode(t4)), this._$AH = t4;
  }
  $(t4) {
    let { values: i4, _$litType$: s3 } = t4, e3 = typeof s3 == "number" ? this._$AC(t4) : (s3.el === void 0 && (s3.el = S.createElement(V(s3.h, s3.h[0]), this.options)), s3);
    if (this._$AH?._$AD === e3) this._$AH.p(i4);
    else {
      let t5 = new R(e3, this), s4 = t5.u(this.options);
      t5.p(i4), this.T(s4), this._$AH = t5;
    }
  }
  _$AC(t4) {
    let i4 = C.get(t4.strings);
    return i4 === void 0 && C.set(t4.strings, i4 = new S(t4)), i4;
  }
  k(t4) {
    u(this._$AH) || (this._$AH = [], this._$AR());
    let i4 = this._$AH, s3, e3 = 0;
    for (let h3 of t4) e3 === i4.length ? i4.push(s3 = new _k(this.O(c()), this.O(c()), this, this.options)) : s3 = i4[e3], s3._$AI(h3), e3++;
    e3 < i4.length && (this._$AR(s3 && s3._$AB.nextSibling, e3), i4.length = e3);
  }
  _$AR(t4 = this._$AA.nextSibling, s3) {
    for (this._$AP?.(!1, !0, s3); t4 !== this._$AB; ) {
      let s4 = i(t4).nextSibling;
      i(t4).remove(), t4 = s4;
    }
  }
  setConnected(t4) {
    this._$AM === void 0 && (this._$Cv = t4, this._$AP?.(t4));
  }
}, H = class {
  get tagName() {
    return this.element.tagName;
  }
  get _$AU() {
    return this._$AM._$AU;
  }
  constructor(t4, i4, s3, e3, h3) {
    this.type = 1, this._$AH = A, this._$AN = void 0, this.element = t4, this.name = i4, this._$AM = e3, this.options = h3, s3.length > 2 || s3[0] !== "" || s3[1] !== "" ? (this._$AH = Array(s3.length - 1).fill(new String()), this.strings = s3) : this._$AH = A;
  }
  _$AI(t4, i4 = this, s3, e3) {
    let h3 = this.strings, o2 = !1;
    if (h3 === void 0) t4 = M(this, t4, i4, 0), o2 = !a(t4) || t4 !== this._$AH && t4 !== E, o2 && (this._$AH = t4);
    else {
      let e4 = t4, n2, r3;
      for (t4 = h3[0], n2 = 0; n2 < h3.length - 1; n2++) r3 = M(this, e4[s3 + n2], i4, n2), r3 === E && (r3 = this._$AH[n2]), o2 ||= !a(r3) || r3 !== this._$AH[n2], r3 === A ? t4 = A : t4 !== A && (t4 += (r3 ?? "") + h3[n2 + 1]), this._$AH[n2] = r3;
    }
    o2 && !e3 && this.j(t4);
  }
  j(t4) {
    t4 === A ? this.element.removeAttribute(this.name) : this.element.setAttribute(this.name, t4 ?? "");
  }
}, I = class extends H {
  constructor() {
    super(...arguments), this.type = 3;
  }
  j(t4) {
    this.element[this.name] = t4 === A ? void 0 : t4;
  }
}, L = class extends H {
  constructor() {
    super(...arguments), this.type = 4;
  }
  j(t4) {
    this.element.toggleAttribute(this.name, !!t4 && t4 !== A);
  }
}, z = class extends H {
  constructor(t4, i4, s3, e3, h3) {
    super(t4, i4, s3, e3, h3), this.type = 5;
  }
  _$AI(t4, i4 = this) {
    if ((t4 = M(this, t4, i4, 0) ?? A) === E) return;
    let s3 = this._$AH, e3 = t4 === A && s3 !== A || t4.capture !== s3.capture || t4.once !== s3.once || t4.passive !== s3.passive, h3 = t4 !== A && (s3 === A || e3);
    e3 && this.element.removeEventListener(this.name, this, s3), h3 && this.element.addEventListener(this.name, this, t4), this._$AH = t4;
  }
  handleEvent(t4) {
    typeof this._$AH == "function" ? this._$AH.call(this.options?.host ?? this.element, t4) : this._$AH.handleEvent(t4);
  }
}, Z = class {
  constructor(t4, i4, s3) {
    this.element = t4, this.type = 6, this._$AN = void 0, this._$AM = i4, this.options = s3;
  }
  get _$AU() {
    return this._$AM._$AU;
  }
  _$AI(t4) {
    M(this, t4);
  }
}, j = { M: h, P: o, A: n, C: 1, L: N, R, D: d, V: M, I: k, H, N: L, U: z, B: I, F: Z }, B = t.litHtmlPolyfillSupport;
B?.(S, k), (t.litHtmlVersions ??= []).push("3.3.3");
var D = (t4, i4, s3) => {
  let e3 = s3?.renderBefore ?? i4, h3 = e3._$litPart$;
  if (h3 === void 0) {
    let t5 = s3?.renderBefore ?? null;
    e3._$litPart$ = h3 = new k(i4.insertBefore(c(), t5), t5, void 0, s3 ?? {});
  }
  return h3._$AI(t4), h3;
};

// src/shared/text.js
var shortSid = (sid) => sid ? `${sid.slice(0, 2)}…${sid.slice(-4)}` : "";
function duration(seconds) {
  let whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  let [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole % 3600 / 60)];
  return hours ? `${hours} h ${minutes} min` : `${minutes} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
}
function timeOfDay(ms, { fraction = !0 } = {}) {
  let at = new Date(ms), two = (number) => String(number).padStart(2, "0"), time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return fraction ? `${time}.${String(at.getMilliseconds()).padStart(3, "0")}` : time;
}
function attributePairs(json) {
  try {
    let found = JSON.parse(json || "{}");
    if (found && typeof found == "object" && !Array.isArray(found))
      return Object.entries(found).map(([name, value]) => [
        name,
        typeof value == "string" ? value : JSON.stringify(value)
      ]);
  } catch {
  }
  return [["attributes", String(json)]];
}

// src/shared/ages.js
var age = (since, word, className = "") => b`<span class="tr-age ${className}" data-since=${since} data-word=${word}></span>`;
function tickAges(root2, now) {
  for (
    let node of
    /** @type {NodeListOf<HTMLElement>} */
    root2.querySelectorAll(".tr-age")
  ) {
    let { since, word } = node.dataset, text = `${word ? `${word} ` : ""}${duration(now - Number(since))}`;
    node.textContent !== text && (node.textContent = text);
  }
}

// src/shared/focus.js
function keepFocus(root2, draw) {
  let scope = (
    /** @type {Document | ShadowRoot} */
    root2.getRootNode()
  ), focus = (
    /** @type {HTMLElement | null} */
    scope.activeElement
  );
  if (!focus || !root2.contains(focus)) return draw();
  let keys = keysAround(focus, root2), control = focus.dataset.control;
  if (draw(), isUsable(focus)) {
    scope.activeElement !== focus && focus.focus();
    return;
  }
  if (!(focus.isConnected && focus.matches(":disabled"))) {
    for (let key of keys) {
      let usable = (
        /** @type {HTMLElement[]} */
        [...root2.querySelector(`[data-key="${CSS.escape(key)}"]`)?.querySelectorAll("input:checked, button") ?? []].filter(
          isUsable
        )
      ), next = usable.find((node) => control && node.dataset.control === control) ?? usable.find((node) => "acts" in node.dataset) ?? usable[0];
      if (next) return next.focus();
    }
    root2.querySelector("[role=tab][aria-selected=true]")?.focus();
  }
}
var isUsable = (node) => node.isConnected && node.offsetParent !== null && !node.matches(":disabled");
function keysAround(node, root2) {
  let keys = [];
  for (let each = node.parentElement; each && each !== root2; each = each.parentElement)
    each.dataset.key && keys.push(each.dataset.key);
  return keys;
}

// src/agent_page/session.js
var ENDINGS = [
  ["accepted", "was accepted"],
  ["rejected", "was rejected"],
  ["timeout", "timed out"],
  ["canceled", "was canceled"],
  ["rescinded", "was rescinded: somebody else has the task"],
  ["wrapup", "is wrapping up"],
  ["completed", "was completed"]
];
function openSession({ ask: ask2, make, changed }) {
  let session2 = {
    settings: null,
    worker: null,
    phase: "connecting",
    trouble: "",
    lines: [],
    ahead: /* @__PURE__ */ new Map(),
    note(text) {
      session2.lines = [...session2.lines, { at: Date.now(), text }].slice(-12), changed();
    }
  }, waiting, known = /* @__PURE__ */ new WeakSet(), lookLater = () => {
    waiting ??= setTimeout(look, 5 * 1e3);
  };
  async function look() {
    waiting = void 0;
    let before = session2.settings, asked = await askForSettings();
    if (!asked) return lookLater();
    let moved = before?.options.wsServer !== asked.options.wsServer;
    if (session2.worker && session2.phase !== "connecting" && !moved) return lookLater();
    session2.worker?.disconnect(), connect(asked);
  }
  async function askForSettings() {
    try {
      let asked = await ask2();
      return session2.trouble = asked.wrong ?? "", session2.settings = asked, changed(), asked.wrong ? null : asked;
    } catch (error) {
      return session2.trouble = /** @type {Error} */
      error.message, changed(), null;
    }
  }
  function connect({ token, options }) {
    let worker = make(token, options);
    session2.worker = worker, session2.phase = "connecting";
    let own = (act) => (...values) => {
      session2.worker === worker && act(...values);
    };
    worker.on(
      "ready",
      own(() => {
        clearTimeout(waiting), waiting = void 0, session2.phase = "ready", session2.trouble = "";
        for (let reservation of worker.reservations.values()) follow2(reservation);
        for (let channel of worker.channels.values())
          channel.on("availabilityUpdated", changed), channel.on("capacityUpdated", changed);
        session2.note("Connected to TaskRouter.");
      })
    ), worker.on(
      "disconnected",
      own(() => {
        session2.phase !== "away" && session2.note("The connection is lost. The SDK connects again by itself."), session2.phase = "away", lookLater();
      })
    ), worker.on(
      "error",
      own((error) => {
        session2.phase !== "ready" && lookLater(), session2.trouble = error.message, changed();
      })
    ), worker.on(
      "tokenExpired",
      own(async () => {
        let asked = await askForSettings();
        asked && worker.updateToken(asked.token), asked && session2.note("The token was replaced by a new one.");
      })
    ), worker.on(
      "activityUpdated",
      own(() => session2.note(`${worker.name} is ${worker.activity.name}.`))
    ), worker.on("attributesUpdated", own(changed)), worker.on(
      "reservationCreated",
      own((reservation) => {
        follow2(reservation), session2.note(`${worker.name} is offered a task of the queue ${reservation.task.queueName}.`);
      })
    );
  }
  function follow2(reservation) {
    let { sid, task } = reservation;
    if (!known.has(reservation)) {
      known.add(reservation), session2.ahead.set(sid, task.dateCreated.getTime() + task.age * 1e3 - Date.now());
      for (let [event, words] of ENDINGS)
        reservation.on(
          /** @type {any} */
          event,
          () => session2.note(`The reservation ${words}.`)
        );
      for (let event of ["updated", "canceled", "completed", "wrapup"]) task.on(
        /** @type {any} */
        event,
        changed
      );
    }
  }
  return look(), session2;
}

// node_modules/lit-html/directive.js
var t2 = { ATTRIBUTE: 1, CHILD: 2, PROPERTY: 3, BOOLEAN_ATTRIBUTE: 4, EVENT: 5, ELEMENT: 6 }, e2 = (t4) => (...e3) => ({ _$litDirective$: t4, values: e3 }), i2 = class {
  constructor(t4) {
  }
  get _$AU() {
    return this._$AM._$AU;
  }
  _$AT(t4, e3, i4) {
    this._$Ct = t4, this._$AM = e3, this._$Ci = i4;
  }
  _$AS(t4, e3) {
    return this.update(t4, e3);
  }
  update(t4, e3) {
    return this.render(...e3);
  }
};

// node_modules/lit-html/directive-helpers.js
var { I: t3 } = j, i3 = (o2) => o2;
var r2 = (o2) => o2.strings === void 0, s2 = () => document.createComment(""), v2 = (o2, n2, e3) => {
  let l3 = o2._$AA.parentNode, d2 = n2 === void 0 ? o2._$AB : n2._$AA;
  if (e3 === void 0) {
    let i4 = l3.insertBefore(s2(), d2), n3 = l3.insertBefore(s2(), d2);
    e3 = new t3(i4, n3, o2, o2.options);
  } else {
    let t4 = e3._$AB.nextSibling, n3 = e3._$AM, c3 = n3 !== o2;
    if (c3) {
      let t5;
      e3._$AQ?.(o2), e3._$AM = o2, e3._$AP !== void 0 && (t5 = o2._$AU) !== n3._$AU && e3._$AP(t5);
    }
    if (t4 !== d2 || c3) {
      let o3 = e3._$AA;
      for (; o3 !== t4; ) {
        let t5 = i3(o3).nextSibling;
        i3(l3).insertBefore(o3, d2), o3 = t5;
      }
    }
  }
  return e3;
}, u2 = (o2, t4, i4 = o2) => (o2._$AI(t4, i4), o2), m2 = {}, p2 = (o2, t4 = m2) => o2._$AH = t4, M2 = (o2) => o2._$AH, h2 = (o2) => {
  o2._$AR(), o2._$AA.remove();
};

// node_modules/lit-html/directives/repeat.js
var u3 = (e3, s3, t4) => {
  let r3 = /* @__PURE__ */ new Map();
  for (let l3 = s3; l3 <= t4; l3++) r3.set(e3[l3], l3);
  return r3;
}, c2 = e2(class extends i2 {
  constructor(e3) {
    if (super(e3), e3.type !== t2.CHILD) throw Error("repeat() can only be used in text expressions");
  }
  dt(e3, s3, t4) {
    let r3;
    t4 === void 0 ? t4 = s3 : s3 !== void 0 && (r3 = s3);
    let l3 = [], o2 = [], i4 = 0;
    for (let s4 of e3) l3[i4] = r3 ? r3(s4, i4) : i4, o2[i4] = t4(s4, i4), i4++;
    return { values: o2, keys: l3 };
  }
  render(e3, s3, t4) {
    return this.dt(e3, s3, t4).values;
  }
  update(s3, [t4, r3, c3]) {
    let d2 = M2(s3), { values: p3, keys: a2 } = this.dt(t4, r3, c3);
    if (!Array.isArray(d2)) return this.ut = a2, p3;
    let h3 = this.ut ??= [], v3 = [], m3, y2, x2 = 0, j2 = d2.length - 1, k2 = 0, w2 = p3.length - 1;
    for (; x2 <= j2 && k2 <= w2; ) if (d2[x2] === null) x2++;
    else if (d2[j2] === null) j2--;
    else if (h3[x2] === a2[k2]) v3[k2] = u2(d2[x2], p3[k2]), x2++, k2++;
    else if (h3[j2] === a2[w2]) v3[w2] = u2(d2[j2], p3[w2]), j2--, w2--;
    else if (h3[x2] === a2[w2]) v3[w2] = u2(d2[x2], p3[w2]), v2(s3, v3[w2 + 1], d2[x2]), x2++, w2--;
    else if (h3[j2] === a2[k2]) v3[k2] = u2(d2[j2], p3[k2]), v2(s3, d2[x2], d2[j2]), j2--, k2++;
    else if (m3 === void 0 && (m3 = u3(a2, k2, w2), y2 = u3(h3, x2, j2)), m3.has(h3[x2])) if (m3.has(h3[j2])) {
      let e3 = y2.get(a2[k2]), t5 = e3 !== void 0 ? d2[e3] : null;
      if (t5 === null) {
        let e4 = v2(s3, d2[x2]);
        u2(e4, p3[k2]), v3[k2] = e4;
      } else v3[k2] = u2(t5, p3[k2]), v2(s3, d2[x2], t5), d2[e3] = null;
      k2++;
    } else h2(d2[j2]), j2--;
    else h2(d2[x2]), x2++;
    for (; k2 <= w2; ) {
      let e3 = v2(s3, v3[w2 + 1]);
      u2(e3, p3[k2]), v3[k2++] = e3;
    }
    for (; x2 <= j2; ) {
      let e3 = d2[x2++];
      e3 !== null && h2(e3);
    }
    return this.ut = a2, p2(s3, v3), E;
  }
});

// node_modules/lit-html/directives/live.js
var l2 = e2(class extends i2 {
  constructor(r3) {
    if (super(r3), r3.type !== t2.PROPERTY && r3.type !== t2.ATTRIBUTE && r3.type !== t2.BOOLEAN_ATTRIBUTE) throw Error("The `live` directive is not allowed on child or event bindings");
    if (!r2(r3)) throw Error("`live` bindings can only contain a single expression");
  }
  render(r3) {
    return r3;
  }
  update(i4, [t4]) {
    if (t4 === E || t4 === A) return t4;
    let o2 = i4.element, l3 = i4.name;
    if (i4.type === t2.PROPERTY) {
      if (t4 === o2[l3]) return E;
    } else if (i4.type === t2.BOOLEAN_ATTRIBUTE) {
      if (!!t4 === o2.hasAttribute(l3)) return E;
    } else if (i4.type === t2.ATTRIBUTE && o2.getAttribute(l3) === t4 + "") return E;
    return p2(i4), t4;
  }
});

// src/shared/keys.js
var isModified = ({ shiftKey, ctrlKey, metaKey, altKey }) => shiftKey || ctrlKey || metaKey || altKey;

// src/shared/radio_group.js
var ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
function onKeydown(event) {
  if (isModified(event)) return;
  let inputs = [.../** @type {HTMLElement} */
  event.currentTarget.querySelectorAll("input")], at = inputs.indexOf(
    /** @type {HTMLInputElement} */
    event.target
  ), step = ARROWS[event.key];
  if (step) inputs[(at + step + inputs.length) % inputs.length]?.focus();
  else if (event.key === "Enter") inputs[at]?.click();
  else return;
  event.preventDefault();
}
function radioGroup({ name, label, activities: activities2, current, pending, live: isLive, small = !1, choose }) {
  let chosen = pending ?? current, onChange = (event) => {
    let { value } = (
      /** @type {HTMLInputElement} */
      event.target
    );
    value !== chosen && choose(value);
  };
  return b`<fieldset aria-describedby="${name}-keys" ?disabled=${!isLive}>
    <legend class="tr-unseen">${label}</legend>
    <div class="tr-options ${small ? "tr-small" : ""}" aria-busy=${String(pending !== null)} @keydown=${onKeydown} @change=${onChange}>
      ${c2(
    activities2,
    ({ sid }) => sid,
    ({ sid, name: activity, available }) => b`<label
            class="tr-option ${available ? "tr-open" : "tr-shut"} ${sid === pending ? "tr-asked" : ""} ${sid === current ? "tr-now" : ""}"
            ><input type="radio" name=${name} value=${sid} .checked=${l2(sid === chosen)} /><span
              class="tr-name"
              >${activity}</span
            ><span class="tr-kind">${available ? "available" : "not available"}</span></label
          >`
  )}
    </div>
    <span class="tr-unseen" id="${name}-keys">Use the arrow keys to move, and Space or Enter to choose.</span>
  </fieldset>`;
}

// src/agent_page/view.js
var STATES = { pending: "Offered", accepted: "Accepted", wrapping: "Wrapping up" }, PHASES = { connecting: ["○", "connecting"], ready: ["●", "connected"], away: ["✕", "not connected"] };
function agentPage(session2, doing2) {
  let { settings, worker, phase, trouble, lines } = session2, [mark, words] = PHASES[phase], isReady = phase === "ready";
  return b`<header class="tr-head">
      <h1 class="tr-title">${settings?.name ?? "Agent"}${settings?.mode === "live" ? b` <strong class="tr-live">LIVE ACCOUNT</strong>` : ""}</h1>
      <span class="tr-fresh" role="status"><span aria-hidden="true">${mark}</span> <span>${words}</span></span>
    </header>
    <p class="tr-wrong" role="status">${trouble}</p>
    ${worker && session2.lines.length ? activities(session2, doing2, isReady) : ""}
    <p class="tr-choice ${doing2.refused ? "tr-refused" : ""}" role="status">${doing2.refused}</p>
    <section aria-label="Reservations">
      <ul class="tr-cards">${c2(
    worker ? [...worker.reservations.values()] : [],
    ({ sid }) => sid,
    (reservation) => card(session2, reservation, doing2, isReady)
  )}</ul>
      <p class="tr-soft" ?hidden=${!isReady || (worker?.reservations.size ?? 0) > 0}>No reservation.</p>
    </section>
    <div class="tr-events" role="log" aria-label="What has happened" tabindex="0">${lines.map(
    ({ at, text }) => b`<p><span class="tr-soft">${timeOfDay(at, { fraction: !1 })}</span> <span>${text}</span></p>`
  )}</div>`;
}
function activities({ worker, settings }, doing2, live) {
  if (!worker?.activity) return "";
  let all = [...worker.activities.values()], pending = doing2.busy?.startsWith("WA") ? doing2.busy : null;
  return b`<div data-key="activities">${radioGroup({
    name: "activity",
    label: `Activity of ${settings?.name}`,
    activities: all,
    current: worker.activity.sid,
    pending,
    live,
    choose: (sid) => doing2.run(sid, async () => worker.activities.get(sid)?.setAsCurrent())
  })}</div>`;
}
var isCall = (task) => typeof task.attributes.call_sid == "string";
function card(session2, reservation, doing2, live) {
  let { sid, task, status } = reservation, state = STATES[status] ?? status, hasPhone = !!session2.worker?.attributes.contact_uri, idle = live && doing2.busy === null, born = (task.dateCreated.getTime() - (session2.ahead.get(sid) ?? 0)) / 1e3, field = (button2, name = "reason") => (
    /** @type {HTMLInputElement | HTMLSelectElement} */
    /** @type {HTMLFormElement} */
    (button2?.closest("form")).elements.namedItem(name).value.trim()
  ), button = (control, words, act, main = !1) => b`<button type="button" class="tr-button ${main ? "tr-main" : ""}" data-control=${control} ?data-acts=${main} ?disabled=${!idle}
      @click=${({ currentTarget }) => {
    let target = (
      /** @type {Element} */
      currentTarget
    );
    doing2.run(sid, () => act(target));
  }}>${words}</button>`, buttons = status === "pending" ? [
    isCall(task) && hasPhone ? button("answer", "Take the call", () => reservation.dequeue(), !0) : button("accept", "Accept", () => reservation.accept(), !0),
    button("reject", "Reject", (target) => reject(reservation, field(target), field(target, "then")))
  ] : [
    status === "accepted" ? button("wrap", "Wrap up", (target) => task.wrapUp({ reason: field(target) })) : "",
    button("complete", "Complete", (target) => task.complete(field(target) || "Completed by the agent"), !0)
  ];
  return b`<li class="tr-reservation tr-is${status}" data-key=${sid}>
    <h2><span>${state}</span> <span class="tr-soft">${task.queueName} · ${task.taskChannelUniqueName} · priority ${task.priority} · <code title=${sid}>${shortSid(sid)}</code></span></h2>
    <p>${age(born, status === "pending" ? "The customer has waited" : "Since the task was created:")}</p>
    <dl>${attributePairs(JSON.stringify(task.attributes)).map(([name, value]) => b`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
    <form class="tr-answers" @submit=${(event) => event.preventDefault()}>
      ${buttons}
      <label class="tr-soft">Reason <input type="text" name="reason" maxlength="200" autocomplete="off" ?disabled=${!live} /></label>
      ${status === "pending" ? thenChoice(session2, live) : ""}
    </form>
  </li>`;
}
function thenChoice({ worker }, live) {
  let away = [...worker?.activities.values() ?? []].filter(({ available }) => !available);
  return b`<label class="tr-soft">After a rejection <select name="then" ?disabled=${!live}>
    <option value="">as TaskRouter decides</option>
    ${away.map(({ sid, name }) => b`<option value=${sid}>${name}</option>`)}
  </select></label>`;
}
async function reject(reservation, reason, activitySid) {
  let { task } = reservation;
  return reason && await task.setAttributes({ ...task.attributes, rejected_because: reason }), reservation.reject(activitySid ? { activitySid } : void 0);
}

// src/agent_page/page.js
var SERVER_GONE = "The notebook does not answer: its kernel has ended, or its callback server. Whoever is connected stays so until the token ends. Run the notebook's cells again, then reload this page.", root = (
  /** @type {HTMLElement} */
  document.querySelector("main")
), address = new URLSearchParams(location.hash.slice(1)), follow = (scheme) => {
  document.documentElement.style.colorScheme = scheme === "light" || scheme === "dark" ? scheme : "light dark";
};
async function ask() {
  let headers = { Authorization: `Bearer ${address.get("key") ?? ""}` }, answer = await fetch(`${location.pathname}/token`, { headers }).catch(() => {
    throw new Error(SERVER_GONE);
  });
  if (answer.ok) return answer.json();
  throw new Error(answer.status === 404 ? SERVER_GONE : await answer.text());
}
var doing = {
  busy: null,
  refused: "",
  async run(key, act) {
    if (!doing.busy) {
      doing.busy = key, doing.refused = "", redraw();
      try {
        await act();
      } catch (error) {
        doing.refused = /** @type {Error} */
        error.message;
      }
      doing.busy = null, redraw();
    }
  }
}, session = openSession({
  ask,
  make: (token, options) => new TaskRouter.Worker(token, { ...options, logLevel: "silent" }),
  changed: () => redraw()
});
function redraw() {
  document.title = session.settings ? `${session.settings.name} · agent` : "Agent", root.classList.toggle("tr-real", session.settings?.mode === "live"), root.classList.toggle("tr-off", session.phase === "away"), keepFocus(root, () => D(agentPage(session, doing), root));
  let events = root.querySelector(".tr-events");
  events && (events.scrollTop = events.scrollHeight), tickAges(root, Date.now() / 1e3);
}
addEventListener("message", ({ data, source }) => {
  source === parent && data?.scheme && follow(data.scheme);
});
parent !== window && parent.postMessage("agent page", "*");
setInterval(() => tickAges(root, Date.now() / 1e3), 1e3);
redraw();
/*! Bundled license information:

lit-html/lit-html.js:
lit-html/directive.js:
lit-html/directives/repeat.js:
  (**
   * @license
   * Copyright 2017 Google LLC
   * SPDX-License-Identifier: BSD-3-Clause
   *)

lit-html/directive-helpers.js:
lit-html/directives/live.js:
  (**
   * @license
   * Copyright 2020 Google LLC
   * SPDX-License-Identifier: BSD-3-Clause
   *)
*/
