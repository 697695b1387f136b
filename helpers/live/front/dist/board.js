/* Built from helpers/live/front/src by `npm run build`: change the sources, not this file. */

// node_modules/lit-html/lit-html.js
var t = globalThis, i = (t4) => t4, s = t.trustedTypes, e = s ? s.createPolicy("lit-html", { createHTML: (t4) => t4 }) : void 0, h = "$lit$", o = `lit$${Math.random().toFixed(9).slice(2)}$`, n = "?" + o, r = `<${n}>`, l = document, c = () => l.createComment(""), a = (t4) => t4 === null || typeof t4 != "object" && typeof t4 != "function", u = Array.isArray, d = (t4) => u(t4) || typeof t4?.[Symbol.iterator] == "function", f = `[ 	
\f\r]`, v = /<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g, _ = /-->/g, m = />/g, p = RegExp(`>|${f}(?:([^\\s"'>=/]+)(${f}*=${f}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`, "g"), g = /'/g, $ = /"/g, y = /^(?:script|style|textarea|title)$/i, x = (t4) => (i4, ...s4) => ({ _$litType$: t4, strings: i4, values: s4 }), b = x(1), w = x(2), T = x(3), E = /* @__PURE__ */ Symbol.for("lit-noChange"), A = /* @__PURE__ */ Symbol.for("lit-nothing"), C = /* @__PURE__ */ new WeakMap(), P = l.createTreeWalker(l, 129);
function V(t4, i4) {
  if (!u(t4) || !t4.hasOwnProperty("raw")) throw Error("invalid template strings array");
  return e !== void 0 ? e.createHTML(i4) : i4;
}
var N = (t4, i4) => {
  let s4 = t4.length - 1, e4 = [], n4, l3 = i4 === 2 ? "<svg>" : i4 === 3 ? "<math>" : "", c4 = v;
  for (let i5 = 0; i5 < s4; i5++) {
    let s5 = t4[i5], a2, u4, d2 = -1, f3 = 0;
    for (; f3 < s5.length && (c4.lastIndex = f3, u4 = c4.exec(s5), u4 !== null); ) f3 = c4.lastIndex, c4 === v ? u4[1] === "!--" ? c4 = _ : u4[1] !== void 0 ? c4 = m : u4[2] !== void 0 ? (y.test(u4[2]) && (n4 = RegExp("</" + u4[2], "g")), c4 = p) : u4[3] !== void 0 && (c4 = p) : c4 === p ? u4[0] === ">" ? (c4 = n4 ?? v, d2 = -1) : u4[1] === void 0 ? d2 = -2 : (d2 = c4.lastIndex - u4[2].length, a2 = u4[1], c4 = u4[3] === void 0 ? p : u4[3] === '"' ? $ : g) : c4 === $ || c4 === g ? c4 = p : c4 === _ || c4 === m ? c4 = v : (c4 = p, n4 = void 0);
    let x2 = c4 === p && t4[i5 + 1].startsWith("/>") ? " " : "";
    l3 += c4 === v ? s5 + r : d2 >= 0 ? (e4.push(a2), s5.slice(0, d2) + h + s5.slice(d2) + o + x2) : s5 + o + (d2 === -2 ? i5 : x2);
  }
  return [V(t4, l3 + (t4[s4] || "<?>") + (i4 === 2 ? "</svg>" : i4 === 3 ? "</math>" : "")), e4];
}, S = class _S {
  constructor({ strings: t4, _$litType$: i4 }, e4) {
    let r4;
    this.parts = [];
    let l3 = 0, a2 = 0, u4 = t4.length - 1, d2 = this.parts, [f3, v3] = N(t4, i4);
    if (this.el = _S.createElement(f3, e4), P.currentNode = this.el.content, i4 === 2 || i4 === 3) {
      let t5 = this.el.content.firstChild;
      t5.replaceWith(...t5.childNodes);
    }
    for (; (r4 = P.nextNode()) !== null && d2.length < u4; ) {
      if (r4.nodeType === 1) {
        if (r4.hasAttributes()) for (let t5 of r4.getAttributeNames()) if (t5.endsWith(h)) {
          let i5 = v3[a2++], s4 = r4.getAttribute(t5).split(o), e5 = /([.?@])?(.*)/.exec(i5);
          d2.push({ type: 1, index: l3, name: e5[2], strings: s4, ctor: e5[1] === "." ? I : e5[1] === "?" ? L : e5[1] === "@" ? z : H }), r4.removeAttribute(t5);
        } else t5.startsWith(o) && (d2.push({ type: 6, index: l3 }), r4.removeAttribute(t5));
        if (y.test(r4.tagName)) {
          let t5 = r4.textContent.split(o), i5 = t5.length - 1;
          if (i5 > 0) {
            r4.textContent = s ? s.emptyScript : "";
            for (let s4 = 0; s4 < i5; s4++) r4.append(t5[s4], c()), P.nextNode(), d2.push({ type: 2, index: ++l3 });
            r4.append(t5[i5], c());
          }
        }
      } else if (r4.nodeType === 8) if (r4.data === n) d2.push({ type: 2, index: l3 });
      else {
        let t5 = -1;
        for (; (t5 = r4.data.indexOf(o, t5 + 1)) !== -1; ) d2.push({ type: 7, index: l3 }), t5 += o.length - 1;
      }
      l3++;
    }
  }
  static createElement(t4, i4) {
    let s4 = l.createElement("template");
    return s4.innerHTML = t4, s4;
  }
};
function M(t4, i4, s4 = t4, e4) {
  if (i4 === E) return i4;
  let h5 = e4 !== void 0 ? s4._$Co?.[e4] : s4._$Cl, o4 = a(i4) ? void 0 : i4._$litDirective$;
  return h5?.constructor !== o4 && (h5?._$AO?.(!1), o4 === void 0 ? h5 = void 0 : (h5 = new o4(t4), h5._$AT(t4, s4, e4)), e4 !== void 0 ? (s4._$Co ??= [])[e4] = h5 : s4._$Cl = h5), h5 !== void 0 && (i4 = M(t4, h5._$AS(t4, i4.values), h5, e4)), i4;
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
    let { el: { content: i4 }, parts: s4 } = this._$AD, e4 = (t4?.creationScope ?? l).importNode(i4, !0);
    P.currentNode = e4;
    let h5 = P.nextNode(), o4 = 0, n4 = 0, r4 = s4[0];
    for (; r4 !== void 0; ) {
      if (o4 === r4.index) {
        let i5;
        r4.type === 2 ? i5 = new k(h5, h5.nextSibling, this, t4) : r4.type === 1 ? i5 = new r4.ctor(h5, r4.name, r4.strings, this, t4) : r4.type === 6 && (i5 = new Z(h5, this, t4)), this._$AV.push(i5), r4 = s4[++n4];
      }
      o4 !== r4?.index && (h5 = P.nextNode(), o4++);
    }
    return P.currentNode = l, e4;
  }
  p(t4) {
    let i4 = 0;
    for (let s4 of this._$AV) s4 !== void 0 && (s4.strings !== void 0 ? (s4._$AI(t4, s4, i4), i4 += s4.strings.length - 2) : s4._$AI(t4[i4])), i4++;
  }
}, k = class _k {
  get _$AU() {
    return this._$AM?._$AU ?? this._$Cv;
  }
  constructor(t4, i4, s4, e4) {
    this.type = 2, this._$AH = A, this._$AN = void 0, this._$AA = t4, this._$AB = i4, this._$AM = s4, this.options = e4, this._$Cv = e4?.isConnected ?? !0;
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
    let { values: i4, _$litType$: s4 } = t4, e4 = typeof s4 == "number" ? this._$AC(t4) : (s4.el === void 0 && (s4.el = S.createElement(V(s4.h, s4.h[0]), this.options)), s4);
    if (this._$AH?._$AD === e4) this._$AH.p(i4);
    else {
      let t5 = new R(e4, this), s5 = t5.u(this.options);
      t5.p(i4), this.T(s5), this._$AH = t5;
    }
  }
  _$AC(t4) {
    let i4 = C.get(t4.strings);
    return i4 === void 0 && C.set(t4.strings, i4 = new S(t4)), i4;
  }
  k(t4) {
    u(this._$AH) || (this._$AH = [], this._$AR());
    let i4 = this._$AH, s4, e4 = 0;
    for (let h5 of t4) e4 === i4.length ? i4.push(s4 = new _k(this.O(c()), this.O(c()), this, this.options)) : s4 = i4[e4], s4._$AI(h5), e4++;
    e4 < i4.length && (this._$AR(s4 && s4._$AB.nextSibling, e4), i4.length = e4);
  }
  _$AR(t4 = this._$AA.nextSibling, s4) {
    for (this._$AP?.(!1, !0, s4); t4 !== this._$AB; ) {
      let s5 = i(t4).nextSibling;
      i(t4).remove(), t4 = s5;
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
  constructor(t4, i4, s4, e4, h5) {
    this.type = 1, this._$AH = A, this._$AN = void 0, this.element = t4, this.name = i4, this._$AM = e4, this.options = h5, s4.length > 2 || s4[0] !== "" || s4[1] !== "" ? (this._$AH = Array(s4.length - 1).fill(new String()), this.strings = s4) : this._$AH = A;
  }
  _$AI(t4, i4 = this, s4, e4) {
    let h5 = this.strings, o4 = !1;
    if (h5 === void 0) t4 = M(this, t4, i4, 0), o4 = !a(t4) || t4 !== this._$AH && t4 !== E, o4 && (this._$AH = t4);
    else {
      let e5 = t4, n4, r4;
      for (t4 = h5[0], n4 = 0; n4 < h5.length - 1; n4++) r4 = M(this, e5[s4 + n4], i4, n4), r4 === E && (r4 = this._$AH[n4]), o4 ||= !a(r4) || r4 !== this._$AH[n4], r4 === A ? t4 = A : t4 !== A && (t4 += (r4 ?? "") + h5[n4 + 1]), this._$AH[n4] = r4;
    }
    o4 && !e4 && this.j(t4);
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
  constructor(t4, i4, s4, e4, h5) {
    super(t4, i4, s4, e4, h5), this.type = 5;
  }
  _$AI(t4, i4 = this) {
    if ((t4 = M(this, t4, i4, 0) ?? A) === E) return;
    let s4 = this._$AH, e4 = t4 === A && s4 !== A || t4.capture !== s4.capture || t4.once !== s4.once || t4.passive !== s4.passive, h5 = t4 !== A && (s4 === A || e4);
    e4 && this.element.removeEventListener(this.name, this, s4), h5 && this.element.addEventListener(this.name, this, t4), this._$AH = t4;
  }
  handleEvent(t4) {
    typeof this._$AH == "function" ? this._$AH.call(this.options?.host ?? this.element, t4) : this._$AH.handleEvent(t4);
  }
}, Z = class {
  constructor(t4, i4, s4) {
    this.element = t4, this.type = 6, this._$AN = void 0, this._$AM = i4, this.options = s4;
  }
  get _$AU() {
    return this._$AM._$AU;
  }
  _$AI(t4) {
    M(this, t4);
  }
}, j = { M: h, P: o, A: n, C: 1, L: N, R, D: d, V: M, I: k, H, N: L, U: z, B: I, F: Z }, B = t.litHtmlPolyfillSupport;
B?.(S, k), (t.litHtmlVersions ??= []).push("3.3.3");
var D = (t4, i4, s4) => {
  let e4 = s4?.renderBefore ?? i4, h5 = e4._$litPart$;
  if (h5 === void 0) {
    let t5 = s4?.renderBefore ?? null;
    e4._$litPart$ = h5 = new k(i4.insertBefore(c(), t5), t5, void 0, s4 ?? {});
  }
  return h5._$AI(t4), h5;
};

// src/shared/ids.js
var uniqueId = () => `tr-${Math.random().toString(36).slice(2)}`;

// src/shared/actions.js
function openActions(model, changed) {
  let pending = /* @__PURE__ */ new Map(), take = (id, outcome) => {
    let sent = pending.get(id);
    sent && (outcome === "pending" ? sent.received = !0 : pending.delete(id));
  }, onMessage = (message) => {
    message?.kind === "ack" && (take(message.id, message.outcome), changed());
  }, onState = () => {
    for (let { id, outcome } of model.get("state").history ?? []) take(id, outcome);
  };
  return model.on("msg:custom", onMessage), model.on("change:state", onState), {
    run(action) {
      let id = uniqueId();
      pending.set(id, { action, received: !1 }), model.send({ kind: "action", id, action }), changed();
    },
    isSending: () => [...pending.values()].at(-1)?.received === !1,
    isWaiting: (type) => [...pending.values()].some(({ action }) => action.type === type),
    pendingActivity(worker) {
      let last = [...(model.get("state").history ?? []).filter(({ outcome }) => outcome === "pending"), ...pending.values()].map(({ action }) => action).findLast((each) => each.type === "set-activity" && each.worker === worker);
      return last?.type === "set-activity" ? last.activity : null;
    },
    close() {
      model.off("msg:custom", onMessage), model.off("change:state", onState);
    }
  };
}

// src/shared/text.js
var shortSid = (sid) => sid ? `${sid.slice(0, 2)}…${sid.slice(-4)}` : "", plural = (count, word, words = `${word}s`) => `${count} ${count === 1 ? word : words}`;
function duration(seconds) {
  let whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  let [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole % 3600 / 60)];
  return hours ? `${hours} h ${minutes} min` : `${minutes} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
}
var brief = (ms) => ms < 1 ? "< 1 ms" : ms < 1e3 ? `${Math.round(ms)} ms` : duration(ms / 1e3);
function timeOfDay(ms, { fraction = !0 } = {}) {
  let at = new Date(ms), two = (number) => String(number).padStart(2, "0"), time2 = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return fraction ? `${time2}.${String(at.getMilliseconds()).padStart(3, "0")}` : time2;
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
function listText(value) {
  try {
    let found = JSON.parse(value);
    return Array.isArray(found) ? found.join(", ") || "none" : value;
  } catch {
    return value;
  }
}

// src/shared/ages.js
var age = (since, word, className = "") => b`<span class="tr-age ${className}" data-since=${since} data-word=${word}></span>`;
function tickAges(root, now) {
  for (
    let node of
    /** @type {NodeListOf<HTMLElement>} */
    root.querySelectorAll(".tr-age")
  ) {
    let { since, word } = node.dataset, text = `${word ? `${word} ` : ""}${duration(now - Number(since))}`;
    node.textContent !== text && (node.textContent = text);
  }
}

// src/shared/beside.js
var IN_DOCK = ".jp-LabShell .lm-DockPanel-widget", REPLACED = "tr-replaced", WANTED = "tr-wanted", opening = /* @__PURE__ */ new WeakSet(), IN_LAB = ".jp-LabShell .jp-NotebookPanel .jp-Notebook";
function beside(model, el) {
  let manager = (
    /** @type {LabWidgetManager | undefined} */
    model.widget_manager
  ), notebook = (
    /** @type {HTMLElement | null} */
    el.closest(IN_LAB)
  ), { model_id: id, title } = model.get("state");
  if (!manager?.context?.addSibling || !notebook) return null;
  let panel = (
    /** @type {HTMLElement} */
    notebook.closest(".jp-NotebookPanel").id
  ), open = async () => {
    let view = await manager.create_view(await manager.get_model(id)), widget = view.luminoWidget;
    widget.title.label = title, widget.title.caption = `${title}, live`, widget.id ||= uniqueId(), view.trigger("displayed"), await view.layoutPromise, await new Promise((done) => setTimeout(done)), Object.assign(widget.node.style, { margin: "0", overflow: "auto" });
    let ended = standing().find(
      (one) => one.dataset.beside === panel && one.dataset.title === title && hasEnded(one)
    ), place = ended ? { mode: "tab-after", ref: ended.id } : placeBeside(panel);
    Object.assign(widget.node.dataset, { beside: panel, title, model: id }), widget.node.addEventListener(REPLACED, () => widget.dispose()), widget.node.addEventListener(WANTED, () => manager.context?.addSibling?.(widget, place)), manager.context?.addSibling?.(widget, place), ended?.dispatchEvent(new Event(REPLACED));
  };
  return async () => {
    if (!opening.has(model)) {
      opening.add(model);
      try {
        let there = standing().find((one) => one.dataset.beside === panel && one.dataset.model === id);
        there ? there.dispatchEvent(new Event(WANTED)) : await open();
      } finally {
        opening.delete(model);
      }
      await new Promise((done) => setTimeout(done)), notebook.focus();
    }
  };
}
function notebookOf(el) {
  let panel = (
    /** @type {HTMLElement | null} */
    el.closest(`${IN_DOCK}[data-beside]`)?.dataset.beside
  ), notebook = panel ? document.getElementById(panel)?.querySelector(".jp-Notebook") : null;
  return notebook instanceof HTMLElement && notebook.offsetParent ? notebook : null;
}
var standing = () => (
  /** @type {HTMLElement[]} */
  [...document.querySelectorAll(`${IN_DOCK}[data-beside]`)]
), hasEnded = (widget) => widget.classList.contains("tr-off");
function placeBeside(panel) {
  let there = standing(), other = there.find((one) => one.dataset.beside !== panel && !one.classList.contains("lm-mod-hidden"));
  if (other) return { mode: "tab-after", ref: other.id };
  let last = there.filter((one) => one.dataset.beside === panel).at(-1);
  return last ? { mode: "split-bottom", ref: last.id } : { mode: "split-right" };
}

// src/shared/focus.js
function keepFocus(root, draw) {
  let scope = (
    /** @type {Document | ShadowRoot} */
    root.getRootNode()
  ), focus = (
    /** @type {HTMLElement | null} */
    scope.activeElement
  );
  if (!focus || !root.contains(focus)) return draw();
  let keys = keysAround(focus, root), control2 = focus.dataset.control;
  if (draw(), isUsable(focus)) {
    scope.activeElement !== focus && focus.focus();
    return;
  }
  if (!(focus.isConnected && focus.matches(":disabled"))) {
    for (let key of keys) {
      let usable = (
        /** @type {HTMLElement[]} */
        [...root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.querySelectorAll("input:checked, button") ?? []].filter(
          isUsable
        )
      ), next = usable.find((node) => control2 && node.dataset.control === control2) ?? usable.find((node) => "acts" in node.dataset) ?? usable[0];
      if (next) return next.focus();
    }
    root.querySelector("[role=tab][aria-selected=true]")?.focus();
  }
}
var isUsable = (node) => node.isConnected && node.offsetParent !== null && !node.matches(":disabled");
function keysAround(node, root) {
  let keys = [];
  for (let each = node.parentElement; each && each !== root; each = each.parentElement)
    each.dataset.key && keys.push(each.dataset.key);
  return keys;
}

// src/shared/freshness.js
var SILENT_AFTER = 6, again = (isBeside) => `run the notebook from the top down to ${isBeside ? "its cell, and press Open beside there" : "this cell"}.`, kernelEnded = (isBeside) => `The kernel was restarted or has ended, so what you see is out of date. To make it live again, ${again(isBeside)}`, kernelSilent = (seconds, isBeside) => `No word from the kernel for ${seconds} s: it is very busy, or gone. If other cells still run, run ${isBeside ? "its cell again, and press Open beside there" : "this cell again"}. If the kernel was restarted, ${again(isBeside)}`;
function freshness(heartbeat, silence, isCurrent = !0) {
  let { now = 0, every, read, heard } = heartbeat;
  if (!isCurrent) return ["✕", read ? `not current · last read ${duration(now - read + silence)} ago` : "not current"];
  if (every === void 0) return ["○", "connecting"];
  if (every === null) return ["●", "live"];
  if (heartbeat.callbacks)
    return ["●", `live · event callbacks arrive, the last ${duration(now - (heard ?? now) + silence)} ago`];
  if (heartbeat.paused) return ["‖", "paused while nobody was looking"];
  if (!read) return ["○", `reading for the first time, then every ${every} s`];
  let age2 = now - read + silence;
  return ["●", `live · ${age2 < 0.5 + Math.min(0.5, every) ? "read < 1 s ago" : `read ${duration(age2)} ago`} · every ${every} s`];
}

// src/shared/keys.js
var NO_TEXT = "[type=checkbox], [type=radio], [type=button]", isModified = ({ shiftKey, ctrlKey, metaKey, altKey }) => shiftKey || ctrlKey || metaKey || altKey;
function keepKeysFromLab(event, widget) {
  let target = event.target;
  if (!(target instanceof Element) || !widget.contains(target)) return;
  let runs = event.key === "Enter" && isModified(event), saves = event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey || event.altKey);
  runs || saves ? target.removeAttribute("data-lm-suppress-shortcuts") : target.setAttribute("data-lm-suppress-shortcuts", "true");
}
function runBeside(event, widget) {
  if (event.key !== "Enter" || !isModified(event) || !(event.target instanceof Node) || !widget.contains(event.target)) return;
  let notebook = notebookOf(widget);
  notebook && (event.preventDefault(), event.stopImmediatePropagation(), notebook.focus(), notebook.dispatchEvent(new KeyboardEvent("keydown", event)));
}
function keepFromPressing(event, widget) {
  event.key !== "Enter" || !isModified(event) || event.target instanceof Node && widget.contains(event.target) && event.preventDefault();
}
function submitWithEnter(event, widget) {
  let { target, key, isComposing, repeat } = event;
  if (key !== "Enter" || isModified(event) || isComposing || event.defaultPrevented || !(target instanceof HTMLInputElement) || !widget.contains(target) || target.matches(NO_TEXT)) return;
  let send = (
    /** @type {HTMLButtonElement | null | undefined} */
    target.form?.querySelector("[type=submit]")
  );
  send && (event.preventDefault(), !repeat && !send.disabled && target.form?.requestSubmit(send));
}
function shareKeys(widget) {
  let before = (event) => {
    keepKeysFromLab(event, widget), runBeside(event, widget);
  }, after = (event) => {
    keepFromPressing(event, widget), submitWithEnter(event, widget);
  };
  return window.addEventListener("keydown", before, !0), window.addEventListener("keydown", after), () => {
    window.removeEventListener("keydown", before, !0), window.removeEventListener("keydown", after);
  };
}

// src/shared/messages.js
var NOTHING_NEW = { content: { data: { method: "update", state: {} } } };
async function takeMessages(model, id) {
  let manager = (
    /** @type {{ get_model?: (id: string) => Promise<CommModel> } | undefined} */
    model.widget_manager
  );
  if (!manager?.get_model) return;
  let whole = await manager.get_model(id);
  try {
    await whole._handle_comm_msg(NOTHING_NEW);
  } catch {
    let { _handle_comm_msg: take } = Object.getPrototypeOf(whole.constructor.prototype);
    whole.comm.on_msg((message) => take.call(whole, message)), whole.comm.send({ method: "request_state" });
  }
}

// src/shared/frame.js
var LAST_WORDS = 3, VIEWING_EVERY = 20;
function mountFrame({ model, el }, { draw, tick = () => {
} }) {
  el.classList.add("tr"), el.setAttribute("role", "group");
  let head = document.createElement("div"), body = document.createElement("div");
  head.className = "tr-frame", body.className = "tr-body", el.append(head, body);
  let heardAt = performance.now(), endedAt = null, wasLive = !0, wasConnected = !1, silence = () => (performance.now() - heardAt) / 1e3, isLive = () => endedAt === null && silence() <= SILENT_AFTER, drawHead = () => {
    let state = model.get("state"), live = isLive(), isCurrent = live && !state.trouble, [mark, words] = live ? freshness(model.get("heartbeat"), silence(), isCurrent) : ["✕", "not live"], isBeside = "beside" in el.dataset, gone = live ? "" : endedAt !== null ? kernelEnded(isBeside) : kernelSilent(Math.floor(silence()), isBeside), wrong = [state.fault, state.trouble].filter(Boolean).join(" ");
    D(
      b`<div class="tr-head"><span class="tr-title">${state.title}${state.mode === "live" ? b` <strong class="tr-live">LIVE ACCOUNT</strong>` : ""}</span><span class="tr-fresh"><span aria-hidden="true">${mark}</span> <span>${words}</span></span></div>
        <p class="tr-gone" role="status">${gone}</p>
        <p class="tr-wrong" role="status">${wrong}</p>`,
      head
    ), el.setAttribute("aria-label", state.mode === "live" ? `${state.title}, live account` : state.title), el.classList.toggle("tr-off", !(live && !state.gone)), el.classList.toggle("tr-real", state.mode === "live");
  }, redraw = () => {
    wasConnected = el.isConnected, drawHead();
    let state = model.get("state");
    draw(body, state, isLive() && !state.gone);
  }, look = () => {
    let live = isLive();
    live === wasLive && el.isConnected === wasConnected ? drawHead() : redraw(), wasLive = live;
    let { now } = model.get("heartbeat");
    live && now && !model.get("state").trouble && tick(body, now + silence());
  }, onHeartbeat = () => {
    heardAt = performance.now(), endedAt !== null && heardAt - endedAt > LAST_WORDS * 1e3 && (endedAt = null), look();
  }, onState = () => {
    onHeartbeat(), redraw();
  }, onKernelEnded = () => {
    endedAt = performance.now(), look();
  }, tellViewing = () => {
    if (!(document.hidden || endedAt !== null))
      try {
        model.send({ kind: "viewing" });
      } catch {
      }
  }, onVisibility = () => {
    document.hidden || (heardAt = performance.now()), tellViewing();
  };
  model.on("change:state", onState), model.on("change:heartbeat", onHeartbeat), model.on("comm_live_update", onKernelEnded), document.addEventListener("visibilitychange", onVisibility);
  let releaseKeys = shareKeys(el), timers = [setInterval(look, 1e3), setInterval(tellViewing, VIEWING_EVERY * 1e3)];
  return redraw(), takeMessages(model, model.get("state").model_id), tellViewing(), { redraw, unmount: () => {
    for (let timer of timers) clearInterval(timer);
    document.removeEventListener("visibilitychange", onVisibility), releaseKeys(), model.off("change:state", onState), model.off("change:heartbeat", onHeartbeat), model.off("comm_live_update", onKernelEnded);
  } };
}

// src/shared/question.js
function questions(redraw) {
  let open = null, close2 = () => {
    open = null, redraw();
  };
  return {
    ask(key, about = "") {
      open = { key, about }, redraw();
    },
    about: (key) => open?.key === key ? open.about : null,
    template(question) {
      if (!question) return A;
      let { words, yes, no, act } = question;
      return b`<div class="tr-question" role="group" aria-label=${words}>
        <p role="status">${words}</p>
        <button type="button" class="tr-button" @click=${() => {
        close2(), act();
      }}>${yes}</button>
        <button type="button" class="tr-button" @click=${close2}>${no}</button>
      </div>`;
    }
  };
}

// src/shared/size.js
function observeSize(node, changed, hasOwnHeight = () => !1) {
  let [width, height] = [-1, -1], observer = new ResizeObserver(([entry]) => {
    let now = entry?.contentRect ?? { width: 0, height: 0 };
    now.width === width && (now.height === height || !hasOwnHeight()) || ([width, height] = [now.width, now.height], changed());
  });
  return observer.observe(node), () => observer.disconnect();
}

// src/shared/constants.js
var TASK_PATH = ["pending", "reserved", "assigned", "wrapping", "completed"], WAITING_TASK_STATUSES = ["pending", "reserved"], ENDED_TASK_STATUSES = ["completed", "canceled"], HELD_RESERVATION_STATUSES = ["pending", "accepted", "wrapping"], DEFAULT_TASK_CHANNEL = "default";
var COLLECTIONS = (
  /** @type {const} */
  [
    "activities",
    "task_channels",
    "task_queues",
    "workflows",
    "workers",
    "tasks",
    "reservations",
    "spans",
    "steps",
    "rows",
    "calls"
  ]
);
var SEQUENCE_LANES = (
  /** @type {const} */
  {
    caller: "caller",
    code: "your code",
    taskrouter: "TaskRouter",
    server: "callback server",
    worker: "worker",
    agent: "agent"
  }
), PHONE_LANES = ["caller", "agent"], WHAT_STARTING_OVER_DELETES = "This deletes every workspace in the sandbox, with its tasks, events, webhooks and alerts, every call, and the webhooks of its number, and takes back faults, options and skipped time.";

// src/board/context.js
var STATUS_MARKS = {
  pending: "○",
  reserved: "◐",
  assigned: "●",
  wrapping: "◓",
  completed: "✓",
  canceled: "✕",
  accepted: "●",
  rejected: "✕",
  timeout: "✕",
  rescinded: "✕"
}, statusMark = (status) => STATUS_MARKS[status ?? ""] ?? "", button = (words, act, { disabled = !1, hidden = !1, label, control: control2, acts = !1 } = {}) => b`<button type="button" class="tr-button" ?disabled=${disabled} ?hidden=${hidden} aria-label=${label ?? A}
    data-control=${control2 ?? A} ?data-acts=${acts} @click=${act}>${words}</button>`, NAMES = new Intl.Collator(void 0, { numeric: !0 });

// node_modules/lit-html/directive.js
var t2 = { ATTRIBUTE: 1, CHILD: 2, PROPERTY: 3, BOOLEAN_ATTRIBUTE: 4, EVENT: 5, ELEMENT: 6 }, e2 = (t4) => (...e4) => ({ _$litDirective$: t4, values: e4 }), i2 = class {
  constructor(t4) {
  }
  get _$AU() {
    return this._$AM._$AU;
  }
  _$AT(t4, e4, i4) {
    this._$Ct = t4, this._$AM = e4, this._$Ci = i4;
  }
  _$AS(t4, e4) {
    return this.update(t4, e4);
  }
  update(t4, e4) {
    return this.render(...e4);
  }
};

// node_modules/lit-html/directive-helpers.js
var { I: t3 } = j, i3 = (o4) => o4;
var r2 = (o4) => o4.strings === void 0, s2 = () => document.createComment(""), v2 = (o4, n4, e4) => {
  let l3 = o4._$AA.parentNode, d2 = n4 === void 0 ? o4._$AB : n4._$AA;
  if (e4 === void 0) {
    let i4 = l3.insertBefore(s2(), d2), n5 = l3.insertBefore(s2(), d2);
    e4 = new t3(i4, n5, o4, o4.options);
  } else {
    let t4 = e4._$AB.nextSibling, n5 = e4._$AM, c4 = n5 !== o4;
    if (c4) {
      let t5;
      e4._$AQ?.(o4), e4._$AM = o4, e4._$AP !== void 0 && (t5 = o4._$AU) !== n5._$AU && e4._$AP(t5);
    }
    if (t4 !== d2 || c4) {
      let o5 = e4._$AA;
      for (; o5 !== t4; ) {
        let t5 = i3(o5).nextSibling;
        i3(l3).insertBefore(o5, d2), o5 = t5;
      }
    }
  }
  return e4;
}, u2 = (o4, t4, i4 = o4) => (o4._$AI(t4, i4), o4), m2 = {}, p2 = (o4, t4 = m2) => o4._$AH = t4, M2 = (o4) => o4._$AH, h2 = (o4) => {
  o4._$AR(), o4._$AA.remove();
};

// node_modules/lit-html/directives/live.js
var l2 = e2(class extends i2 {
  constructor(r4) {
    if (super(r4), r4.type !== t2.PROPERTY && r4.type !== t2.ATTRIBUTE && r4.type !== t2.BOOLEAN_ATTRIBUTE) throw Error("The `live` directive is not allowed on child or event bindings");
    if (!r2(r4)) throw Error("`live` bindings can only contain a single expression");
  }
  render(r4) {
    return r4;
  }
  update(i4, [t4]) {
    if (t4 === E || t4 === A) return t4;
    let o4 = i4.element, l3 = i4.name;
    if (i4.type === t2.PROPERTY) {
      if (t4 === o4[l3]) return E;
    } else if (i4.type === t2.BOOLEAN_ATTRIBUTE) {
      if (!!t4 === o4.hasAttribute(l3)) return E;
    } else if (i4.type === t2.ATTRIBUTE && o4.getAttribute(l3) === t4 + "") return E;
    return p2(i4), t4;
  }
});

// node_modules/lit-html/directives/repeat.js
var u3 = (e4, s4, t4) => {
  let r4 = /* @__PURE__ */ new Map();
  for (let l3 = s4; l3 <= t4; l3++) r4.set(e4[l3], l3);
  return r4;
}, c2 = e2(class extends i2 {
  constructor(e4) {
    if (super(e4), e4.type !== t2.CHILD) throw Error("repeat() can only be used in text expressions");
  }
  dt(e4, s4, t4) {
    let r4;
    t4 === void 0 ? t4 = s4 : s4 !== void 0 && (r4 = s4);
    let l3 = [], o4 = [], i4 = 0;
    for (let s5 of e4) l3[i4] = r4 ? r4(s5, i4) : i4, o4[i4] = t4(s5, i4), i4++;
    return { values: o4, keys: l3 };
  }
  render(e4, s4, t4) {
    return this.dt(e4, s4, t4).values;
  }
  update(s4, [t4, r4, c4]) {
    let d2 = M2(s4), { values: p3, keys: a2 } = this.dt(t4, r4, c4);
    if (!Array.isArray(d2)) return this.ut = a2, p3;
    let h5 = this.ut ??= [], v3 = [], m3, y2, x2 = 0, j2 = d2.length - 1, k2 = 0, w2 = p3.length - 1;
    for (; x2 <= j2 && k2 <= w2; ) if (d2[x2] === null) x2++;
    else if (d2[j2] === null) j2--;
    else if (h5[x2] === a2[k2]) v3[k2] = u2(d2[x2], p3[k2]), x2++, k2++;
    else if (h5[j2] === a2[w2]) v3[w2] = u2(d2[j2], p3[w2]), j2--, w2--;
    else if (h5[x2] === a2[w2]) v3[w2] = u2(d2[x2], p3[w2]), v2(s4, v3[w2 + 1], d2[x2]), x2++, w2--;
    else if (h5[j2] === a2[k2]) v3[k2] = u2(d2[j2], p3[k2]), v2(s4, d2[x2], d2[j2]), j2--, k2++;
    else if (m3 === void 0 && (m3 = u3(a2, k2, w2), y2 = u3(h5, x2, j2)), m3.has(h5[x2])) if (m3.has(h5[j2])) {
      let e4 = y2.get(a2[k2]), t5 = e4 !== void 0 ? d2[e4] : null;
      if (t5 === null) {
        let e5 = v2(s4, d2[x2]);
        u2(e5, p3[k2]), v3[k2] = e5;
      } else v3[k2] = u2(t5, p3[k2]), v2(s4, d2[x2], t5), d2[e4] = null;
      k2++;
    } else h2(d2[j2]), j2--;
    else h2(d2[x2]), x2++;
    for (; k2 <= w2; ) {
      let e4 = v2(s4, v3[w2 + 1]);
      u2(e4, p3[k2]), v3[k2++] = e4;
    }
    for (; x2 <= j2; ) {
      let e4 = d2[x2++];
      e4 !== null && h2(e4);
    }
    return this.ut = a2, p2(s4, v3), E;
  }
});

// src/board/new_task.js
var EQUALITY = /^\s*([A-Za-z_]\w*)\s*==\s*(["'])(.*?)\2\s*$/, PRIORITIES_AT_MOST = 20;
function attributesOfFilters(workflow) {
  return (workflow?.filters ?? []).flatMap(({ name, expression }) => {
    let [, attribute, , value] = EQUALITY.exec(expression) ?? [];
    return attribute === void 0 ? [] : [[name || expression, JSON.stringify({ [attribute]: value })]];
  });
}
function knownPriorities(store) {
  let found = /* @__PURE__ */ new Set([0]);
  for (let { filters } of store.workflows.values())
    for (let { priority } of filters.flatMap(({ targets }) => targets))
      priority !== void 0 && found.add(Number(priority));
  for (let { priority } of store.tasks.values()) found.add(priority);
  return [...found].sort((a2, b2) => a2 - b2).slice(0, PRIORITIES_AT_MOST);
}
var field = (words, control2) => b`<label class="tr-field"><span>${words}</span>${control2}</label>`;
function newTask(redraw) {
  let form = { workflow: "", option: 0, attributes: "{}", priority: "0", channel: DEFAULT_TASK_CHANNEL }, touched = !1, open = !1, textOf = (event) => (
    /** @type {HTMLInputElement | HTMLSelectElement} */
    event.target.value
  );
  return ({ id, store, live: isLive, run }, onToggle2) => {
    let workflow = store.workflows.get(form.workflow) ?? store.workflows.values().next().value;
    form.workflow = workflow?.sid ?? "";
    let options = [
      ...attributesOfFilters(workflow),
      /** @type {[string, string]} */
      ["other attributes", ""]
    ], choose = (option) => {
      form.option = option, form.attributes = options[option]?.[1] || form.attributes;
    };
    !touched && !open && (form.option = 0, form.attributes = options[0]?.[1] ?? "");
    let onWorkflow = (event) => {
      form.workflow = textOf(event), form.option = 0, touched || (form.attributes = attributesOfFilters(store.workflows.get(form.workflow))[0]?.[1] ?? ""), redraw();
    }, onOption = (event) => {
      touched = !0, choose(Number(textOf(event))), redraw();
    }, onAttributes = (event) => {
      touched = !0, form.attributes = textOf(event), event.target.setCustomValidity("");
    }, onSubmit = (event) => {
      event.preventDefault();
      let node = (
        /** @type {HTMLFormElement} */
        event.currentTarget
      ), { attributes } = form;
      try {
        JSON.parse(attributes || "{}");
      } catch (error) {
        let input = (
          /** @type {HTMLInputElement} */
          node.elements.namedItem("attributes")
        ), why = error instanceof Error ? error.message : String(error);
        input.setCustomValidity(`This is not JSON (${why}). Write it as in {"selected_language": "es"}.`), input.reportValidity();
        return;
      }
      let channel = form.channel === DEFAULT_TASK_CHANNEL ? "" : form.channel, { priority } = form;
      run({ type: "create-task", workflow: form.workflow, attributes: attributes || "{}", priority, channel }), form.priority = "0", touched = !1;
      let menu = node.closest("details");
      menu && (menu.open = !1), menu?.querySelector("summary")?.focus(), redraw();
    }, onMenu = (event) => {
      open = /** @type {HTMLDetailsElement} */
      event.currentTarget.open, onToggle2(event);
    };
    return b`<details class="tr-menu" ?hidden=${!store.workflows.size} @toggle=${onMenu}>
      <summary class="tr-button">New task</summary>
      <form class="tr-form" @submit=${onSubmit}>
        ${field(
      "Workflow",
      b`<select name="workflow" @change=${onWorkflow}>${c2(
        store.workflows.values(),
        ({ sid }) => sid,
        ({ sid, name }) => b`<option value=${sid} .selected=${l2(sid === form.workflow)}>${name}</option>`
      )}</select>`
    )}
        ${field(
      "For",
      b`<select name="option" @change=${onOption}>${options.map(
        ([name], i4) => b`<option value=${i4} .selected=${l2(i4 === form.option)}>${name}</option>`
      )}</select>`
    )}
        ${field(
      "Attributes",
      b`<input type="text" name="attributes" class="tr-code" spellcheck="false" .value=${l2(form.attributes)} @input=${onAttributes} />`
    )}
        ${field(
      "Priority",
      b`<input type="number" name="priority" min="0" class="tr-narrow" list="${id}-priorities" .value=${l2(form.priority)} @input=${(event) => {
        form.priority = textOf(event);
      }} />`
    )}
        ${field(
      "Channel",
      b`<select name="channel" @change=${(event) => {
        form.channel = textOf(event);
      }}>${c2(
        store.task_channels.values(),
        ({ sid }) => sid,
        ({ unique_name, name }) => b`<option value=${unique_name} .selected=${l2(unique_name === form.channel)}>${name}</option>`
      )}</select>`
    )}
        <datalist id="${id}-priorities">${knownPriorities(store).map((each) => b`<option value=${each}></option>`)}</datalist>
        <button type="submit" class="tr-button tr-main" ?disabled=${!isLive}>Create the task</button>
      </form>
    </details>`;
  };
}

// src/board/controls.js
var SKIPS = [
  [10, "10 s"],
  [60, "1 min"],
  [120, "2 min"],
  [1200, "20 min"],
  [3600, "1 h"]
], FAULTS = [
  ["the next assignment callback times out", { deliveries: "timeout", kind: "assignment" }],
  ["the next assignment callback arrives twice", { deliveries: "twice", kind: "assignment" }],
  ["the next event arrives twice", { deliveries: "twice", kind: "event" }],
  ["the next event arrives out of order", { deliveries: "out-of-order", kind: "event" }],
  ["the next new task is refused with 429", { operation: "CreateTask", status: 429 }]
], START_OVER = {
  words: `Start over? ${WHAT_STARTING_OVER_DELETES}`,
  yes: "Empty the sandbox",
  no: "Keep everything"
};
function activityAfterReject(store) {
  let away = [...store.activities.values()].filter(({ available }) => !available);
  return away.find(({ name }) => name === "Offline") ?? away[0];
}
function nextAnswers(store) {
  let leaves = activityAfterReject(store);
  return [
    ["your app answers", null],
    ["accept", { instruction: "accept" }],
    [
      leaves ? `reject and move the worker to ${leaves.name}` : "reject",
      { instruction: "reject", activity_sid: leaves?.sid }
    ],
    ["{} (no instruction)", {}]
  ];
}
function close(details) {
  details.open = !1, details.querySelector("summary")?.focus();
}
var openMenuAt = (event) => (
  /** @type {HTMLDetailsElement | null} */
  /** @type {Element} */
  event.target.closest("details[open]")
);
function onFocusOut(event) {
  let menu = openMenuAt(event);
  menu && event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget) && (menu.open = !1);
}
function onKeydown(event) {
  let menu = event.key === "Escape" && openMenuAt(event);
  menu && (close(menu), event.stopPropagation());
}
function onToggle(event) {
  let menu = (
    /** @type {HTMLDetailsElement} */
    event.currentTarget
  );
  if (menu.open) {
    keepInside(menu.querySelector("summary + *"), menu.closest(".tr"));
    for (let other of menu.parentElement?.querySelectorAll("details") ?? []) other !== menu && (other.open = !1);
  }
}
function keepInside(node, board) {
  if (!node || !board) return;
  node.style.left = "0";
  let edge = board.getBoundingClientRect().left + board.clientLeft + board.clientWidth, out = node.getBoundingClientRect().right - edge + 8;
  out > 0 && (node.style.left = `${-out}px`);
}
function onChoice(event) {
  let menu = openMenuAt(event);
  menu && /** @type {Element} */
  event.target.closest("button") && close(menu);
}
function controls(redraw) {
  let createTask = newTask(redraw);
  return (context, state, openBeside) => {
    let { id, store, live, questions: questions2, run } = context, startOver = `${id}-start-over`, menu = (words, choices, hidden) => b`<details class="tr-menu" ?hidden=${hidden} @toggle=${onToggle}>
        <summary class="tr-button">${words}</summary>
        <div class="tr-choices" @click=${onChoice}>${choices.map(([name, action]) => button(name, () => run(action), { disabled: !live }))}</div>
      </details>`, answers = nextAnswers(store).map(
      ([words, instruction]) => (
        /** @type {[string, Action]} */
        [words, { type: "answer-next", instruction }]
      )
    ), skips = SKIPS.map(([seconds, words]) => (
      /** @type {[string, Action]} */
      [words, { type: "skip", seconds }]
    )), faults = FAULTS.map(
      ([words, fault]) => (
        /** @type {[string, Action]} */
        [words, { type: "inject-fault", ...fault }]
      )
    ), isLiveTwilio = state.mode !== "sandbox";
    return b`<div class="tr-bar" role="group" aria-label="Controls" @focusout=${onFocusOut} @keydown=${onKeydown}>
      ${createTask(context, onToggle)}
      ${menu(`Next answer${state.next ? `: ${state.next}` : ""}`, answers, !state.server)}
      ${menu("Skip time", skips, isLiveTwilio)}
      ${menu("Let it go wrong", faults, isLiveTwilio)}
      ${button("Start over", () => questions2.ask(startOver), { disabled: !live, hidden: isLiveTwilio })}
      ${button("Open beside", () => openBeside?.(), { hidden: !openBeside, label: "Open beside the notebook" })}
      ${button("Use event callbacks", () => run({ type: "receive-events" }), { disabled: !live, hidden: !state.server || state.listens })}
    </div>
    ${questions2.template(questions2.about(startOver) === null ? null : { ...START_OVER, act: () => run({ type: "start-over" }) })}`;
  };
}
var WEBHOOKS = { assignment: "assignment callback", event: "event callback" }, FATES = {
  timeout: ["times out", "time out"],
  late: ["arrives late", "arrive late"],
  twice: ["arrives twice", "arrive twice"],
  "out-of-order": ["arrives out of order", "arrive out of order"]
};
function faultWords({ what, left, deliveries, kind }) {
  let fate = FATES[deliveries ?? ""], next = left === 1 ? "the next" : `the next ${left}`;
  if (!fate) return `${what}, ${next}${left === 1 ? " time" : " times"}`;
  let webhook = WEBHOOKS[kind ?? ""] ?? "webhook";
  return `${next} ${webhook}${left === 1 ? "" : "s"} ${fate[left === 1 ? 0 : 1]}`;
}
function activeFaults(faults, { live, run }) {
  let words = faults.map(faultWords).join(" · ");
  return b`<div class="tr-armed tr-faults" ?hidden=${!faults.length}>
    <span role="status">${faults.length ? `✕ ${faults.length > 1 ? "Faults" : "Fault"} on: ${words}` : ""}</span>
    ${button(faults.length > 1 ? "Clear the faults" : "Clear the fault", () => run({ type: "clear-faults" }), { disabled: !live })}
  </div>`;
}

// src/shared/radio_group.js
var ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
function onKeydown2(event) {
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
function radioGroup({ name, label, activities, current, pending, live: isLive, small = !1, choose }) {
  let chosen = pending ?? current, onChange = (event) => {
    let { value } = (
      /** @type {HTMLInputElement} */
      event.target
    );
    value !== chosen && choose(value);
  };
  return b`<fieldset aria-describedby="${name}-keys" ?disabled=${!isLive}>
    <legend class="tr-unseen">${label}</legend>
    <div class="tr-options ${small ? "tr-small" : ""}" aria-busy=${String(pending !== null)} @keydown=${onKeydown2} @change=${onChange}>
      ${c2(
    activities,
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

// src/shared/activity_choice.js
var REASONS = {
  pending: "a reservation is pending",
  accepted: "a task is assigned",
  wrapping: "a task is wrapping up"
};
function activityChoice({ worker, holds: holds2, questions: questions2, choose, ...group }) {
  let { name, activities, current, label = `Activity of ${worker}` } = group, byId = (sid) => activities.find((each) => each.sid === sid), onChoice2 = (activity) => {
    holds2 && byId(activity)?.available ? questions2.ask(name, activity) : choose(activity);
  }, asked = questions2.about(name), reason = holds2 && REASONS[holds2], wanted = byId(asked)?.name, now = byId(current)?.name ?? "as it is", question = asked && reason ? {
    words: `${worker} is ${now} because ${reason}. ${wanted} would make ${worker} available for another task.`,
    yes: `Set ${wanted} anyway`,
    no: `Leave ${now}`,
    act: () => choose(asked)
  } : null;
  return b`${radioGroup({ ...group, label, choose: onChoice2 })}${questions2.template(question)}`;
}

// src/board/calls.js
var time = (ms) => timeOfDay(ms, { fraction: !1 }), callLine = ({ live, words, since }, whose) => b`<li><span aria-hidden="true">☎ </span>${whose} ${words}<span class="tr-soft">${since === null ? "" : live ? b`, since ${time(since)}, ${age(since / 1e3, "for")}` : ` at ${time(since)}`}</span></li>`;

// src/shared/statuses.js
var isWaiting = (status) => WAITING_TASK_STATUSES.includes(status ?? ""), isEnded = (status) => ENDED_TASK_STATUSES.includes(status ?? ""), isHeld = (status) => HELD_RESERVATION_STATUSES.includes(status ?? "");

// src/board/flow_data.js
function describeTarget(target, store) {
  let terms = [
    target.priority === void 0 ? null : `priority ${target.priority}`,
    target.timeout === void 0 ? null : `for ${target.timeout} s`,
    target.expression ?? null,
    knownWorker(target.known_worker_sid ?? target.known_worker_friendly_name),
    target.skip_if ? `skip if ${target.skip_if}` : null,
    target.order_by ? `ordered by ${target.order_by}` : null
  ];
  return {
    queue: store.task_queues.get(target.queue)?.name ?? "the queue before",
    terms: terms.filter(Boolean).join(" · ")
  };
}
var knownWorker = (attribute) => attribute === void 0 ? null : `only for the worker in ${attribute}`;
function targetIndex(task, targets) {
  let here = (target) => target.queue === task.queue, matched = task.target_expression ?? void 0, exact = targets.findIndex((target) => here(target) && target.expression === matched);
  return exact >= 0 ? exact : targets.findIndex(here);
}
function filtersOf(workflow, store, present) {
  let own = present?.workflow === workflow.sid ? present : null, isKnown = workflow.filters.some(({ expression }) => expression === own?.filter_expression), filters = workflow.filters.map(({ name, expression, targets }, i4) => {
    let onPath = !!(own && expression === own.filter_expression && (!own.filter || name === own.filter)), at = own && onPath && targets.length > 1 ? targetIndex(own, targets) : -1;
    return {
      name: name || `filter ${i4 + 1}`,
      expression,
      onPath,
      targets: targets.map((target, n4) => ({ ...describeTarget(target, store), onPath: n4 === at }))
    };
  });
  return workflow.default && filters.push({
    name: "everything else",
    expression: "default filter",
    onPath: !!(own && !isKnown && own.queue === workflow.default.queue),
    targets: [{ ...describeTarget(workflow.default, store), onPath: !1 }]
  }), filters;
}
function inServiceOrder(order, tasks2) {
  return order === "LIFO" ? tasks2.sort((a2, b2) => b2.entered - a2.entered) : tasks2.sort((a2, b2) => b2.priority - a2.priority || a2.entered - b2.entered);
}
function isShared(task, offers) {
  return isWaiting(task?.status) || offers.filter(({ status }) => isHeld(status)).length > 1;
}
function capacityWords(worker, held, store) {
  if (store.workspace.multitasking === !1) return held.length > 1 ? `holds ${held.length} tasks` : "";
  let channels = worker.channels ?? [], used = (channel) => held.filter(({ task }) => store.tasks.get(task)?.channel === channel).length;
  return channels.map((each) => ({ ...each, used: used(each.channel) })).filter((each) => each.used || each.name === DEFAULT_TASK_CHANNEL || !each.available || each.capacity !== 1).map(
    ({ name, used: used2, capacity, available }) => `capacity (channel ${name}): ${used2} of ${capacity} in use${available ? "" : ", channel unavailable"}`
  ).join(" · ");
}
function trailWords(worker, store) {
  let before = worker.trail.map(({ activity, ms }) => `${store.activities.get(activity)?.name ?? "?"} ${brief(ms)}`);
  return before.length ? `before: ${before.reverse().join(" ← ")}` : "";
}
function skillWords(attributes) {
  let pairs = attributePairs(attributes);
  return pairs.map(([name, value]) => pairs.length > 1 ? `${name} ${listText(value)}` : listText(value)).join(" · ");
}
function callsOfWorker({ attributes }, store) {
  if (!store.calls.size) return [];
  let address = new Map(attributePairs(attributes)).get("contact_uri");
  return [...store.calls.values()].filter(({ live, phone }) => live && phone === address);
}
var CROWD = 6;
function shownWorkers(store, { present, held }, wanted, atMost) {
  let workers = [...store.workers.values()].map((worker) => {
    let holds2 = held.get(worker.sid) ?? [];
    return { worker, holds: holds2, onPath: !!(present && holds2.some(({ task }) => task === present.sid)) };
  });
  if (wanted) {
    let words = (each) => `${each.name} ${each.attributes} ${store.activities.get(each.activity)?.name}`.toLowerCase();
    workers = workers.filter(({ worker }) => words(worker).includes(wanted));
  }
  let count = workers.length;
  if (count > atMost || store.workers.size > CROWD) {
    let rank = ({ worker, holds: holds2, onPath }) => (onPath ? 4 : 0) + (holds2.length ? 2 : 0) + (store.activities.get(worker.activity)?.available ? 1 : 0);
    workers.sort((a2, b2) => rank(b2) - rank(a2) || NAMES.compare(a2.worker.name, b2.worker.name));
  }
  return { workers: workers.slice(0, atMost), count };
}

// src/board/flow.js
var QUEUED_AT_MOST = 8, WORKERS_AT_MOST = 30, SEARCH_FROM = 8, pathName = (name, onPath, words) => b`<span class="tr-mark" aria-hidden="true">${onPath ? "▸" : ""}</span> <strong>${name}</strong><span class="tr-unseen">${onPath ? words : ""}</span>`, pathClass = (onPath) => onPath ? "tr-onpath" : "", breakable = (address) => address.split(/(?<=[/_?&=-])/).map((part) => b`${part}<wbr />`), filterItem = ({ name, expression, targets, onPath }) => b`<li class="tr-filter ${pathClass(onPath)}">
    <div>${pathName(name, onPath, ", the selected task came this way")}</div>
    <code class="tr-wrap">${expression}</code>
    <ul class="tr-targets">${targets.map(
  (target) => b`<li class=${target.onPath ? "tr-here" : A}>${target.onPath ? "▸ " : "→ "}${target.queue}${target.terms ? b`<span class="tr-soft"> · ${target.terms}</span>` : A}</li>`
)}</ul>
  </li>`, workflowItem = (workflow, { store, present }) => b`<li>
    <h4>${workflow.name}</h4>
    <ol class="tr-filters">${filtersOf(workflow, store, present).map(filterItem)}</ol>
    <p class="tr-soft tr-wrap">${workflow.url ? b`assignment callback ${breakable(workflow.url)}` : "no assignment callback"} · reservation timeout ${duration(workflow.timeout)}</p>
  </li>`, waitingItem = (task, { pick }) => b`<li data-key="waiting ${task.sid}"><button type="button" class="tr-pick" data-control="pick" @click=${() => pick(task.sid)}><span class="tr-mark" aria-hidden="true">○ </span><code>${shortSid(task.sid)}</code><span class="tr-soft">${task.priority ? ` priority ${task.priority} ` : " "}</span>${age((task.waits ?? task.created) / 1e3, "waits")}</button></li>`;
function queueItem(queue, context) {
  let tasks2 = inServiceOrder(queue.order, context.waiting.get(queue.sid) ?? []), onPath = context.present?.queue === queue.sid, more = tasks2.length > QUEUED_AT_MOST ? `, the first ${QUEUED_AT_MOST}:` : "";
  return b`<li class="tr-queue ${pathClass(onPath)}" data-key="queue ${queue.sid}">
    <div>${pathName(queue.name, onPath, ", the queue of the selected task")}</div>
    <code class="tr-wrap">${queue.expression}</code>
    <span class="tr-soft">${tasks2.length ? `${plural(tasks2.length, "task")} waiting${more}` : "no tasks waiting"}</span>
    <ol class="tr-waiting">${c2(
    tasks2.slice(0, QUEUED_AT_MOST),
    ({ sid }) => sid,
    (task) => waitingItem(task, context)
  )}</ol>
  </li>`;
}
function heldItem({ sid, task, status }, { store, offers, live, run, pick }) {
  if (task === null) return A;
  let update = (to) => run({ type: "update-reservation", task, reservation: sid, status: to }), complete = () => isShared(store.tasks.get(task), offers.get(task) ?? []) ? update("completed") : run({ type: "update-task", task, status: "completed" }), offered = status === "pending", options = { disabled: !live, acts: !0 };
  return b`<li class="tr-line" data-key="held ${sid}">
    <button type="button" class="tr-pick" data-control="pick" @click=${() => pick(task)}><span>${statusMark(status)} ${shortSid(task)} ${offered ? "reservation pending" : status}</span></button>
    <span class="tr-right tr-bar">
      ${button("Accept", () => update("accepted"), { ...options, control: "accept", hidden: !offered })}
      ${button("Reject", () => update("rejected"), { ...options, control: "reject", hidden: !offered })}
      ${button("Complete", complete, { ...options, control: "complete", hidden: offered })}
    </span>
  </li>`;
}
function workerItem({ worker, holds: holds2, onPath }, context) {
  let { id, store, live, pendingActivity, questions: questions2, run } = context, activity = store.activities.get(worker.activity), words = activity ? `${activity.available ? "✓" : "–"} ${activity.name}` : "?", skills = skillWords(worker.attributes), choice = activityChoice({
    name: `${id}-${worker.sid}`,
    worker: worker.name,
    activities: [...store.activities.values()],
    current: worker.activity,
    pending: pendingActivity(worker.sid),
    holds: store.workspace.multitasking === !1 ? holds2[0]?.status : null,
    live,
    small: !0,
    questions: questions2,
    choose: (chosen) => run({ type: "set-activity", worker: worker.sid, activity: chosen })
  }), [capacity, trail] = [capacityWords(worker, holds2, store), trailWords(worker, store)], isCrowd = store.workers.size > CROWD;
  return b`<li class="tr-worker ${pathClass(onPath)}" data-key="worker ${worker.sid}">
    <div class="tr-who">
      <span class="tr-skills" title=${skills}>${pathName(worker.name, onPath, ", holds the selected task")} <span class="tr-soft">${skills}</span></span>
      <span><span class="tr-chip tr-activity ${activity?.available ? "tr-yes" : ""}" title=${activity?.available ? "available" : "not available"}>${words}</span> ${age(worker.since / 1e3, "for", "tr-soft")}</span>
    </div>
    <ul class="tr-callsnow">${callsOfWorker(worker, store).map((call) => callLine(call, "the phone"))}</ul>
    ${isCrowd ? b`<details class="tr-fold"><summary>Change activity</summary>${choice}</details>` : choice}
    <ul class="tr-held">${c2(
    holds2,
    ({ sid }) => sid,
    (each) => heldItem(each, context)
  )}</ul>
    <div class="tr-line" ?hidden=${isCrowd && !holds2.length || !(capacity || trail)}>
      <p class="tr-soft">${capacity}</p>
      <p class="tr-soft tr-trail">${trail}</p>
    </div>
  </li>`;
}
function flow(redraw) {
  let wanted = "", onSearch = (event) => {
    wanted = /** @type {HTMLInputElement} */
    event.target.value.toLowerCase(), redraw();
  }, list = ({ tasksChanged }, items) => tasksChanged ? items() : E;
  return {
    workflows: (context) => b`<section><h3 ?hidden=${context.compact}>Workflow</h3><ul>${list(
      context,
      () => c2(
        context.store.workflows.values(),
        ({ sid }) => sid,
        (workflow) => workflowItem(workflow, context)
      )
    )}</ul></section>`,
    queues: (context) => b`<section><h3>Queues</h3><ul class="tr-many">${list(
      context,
      () => c2(
        context.store.task_queues.values(),
        ({ sid }) => sid,
        (queue) => queueItem(queue, context)
      )
    )}</ul></section>`,
    workers(context) {
      let { store } = context, { workers, count } = shownWorkers(store, context, wanted, WORKERS_AT_MOST);
      return b`<section>
        <div class="tr-line tr-finding">
          <h3>Workers</h3>
          <input type="search" class="tr-search" placeholder="find a worker" aria-label="Find a worker" ?hidden=${store.workers.size < SEARCH_FROM} @input=${onSearch} />
        </div>
        <ul class="tr-many">${c2(
        workers,
        ({ worker }) => worker.sid,
        (each) => workerItem(each, context)
      )}</ul>
        <p class="tr-soft">${count > WORKERS_AT_MOST ? `Showing ${WORKERS_AT_MOST} of ${count}.` : ""}</p>
      </section>`;
    }
  };
}

// src/board/glide.js
var [NEAREST, FARTHEST] = [4, 2e3];
function glide(root, draw) {
  let cards2 = (
    /** @type {NodeListOf<HTMLElement>} */
    root.querySelectorAll("[data-glide]")
  );
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden || !cards2.length || cards2.length > 40) return draw();
  let before = new Map([...cards2].map((node) => [node.dataset.glide, node.getBoundingClientRect()]));
  draw();
  for (
    let node of
    /** @type {NodeListOf<HTMLElement>} */
    root.querySelectorAll("[data-glide]")
  ) {
    let was = before.get(node.dataset.glide);
    if (!was) {
      node.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 180, easing: "ease-out" });
      continue;
    }
    let is = node.getBoundingClientRect(), [x2, y2] = [was.left - is.left, was.top - is.top], distance = Math.abs(x2) + Math.abs(y2);
    if (distance > NEAREST && distance < FARTHEST) {
      let from = { transform: `translate(${x2}px, ${y2}px)` };
      node.animate([from, { transform: "none" }], { duration: 260, easing: "ease-out" });
    }
  }
}

// src/board/history.js
var OUTCOMES = { pending: ["…", "asking TaskRouter"], done: ["✓", "done"], refused: ["✕", "refused"] };
function holds({ action, outcome, said }, store) {
  if (outcome !== "done") return !0;
  let now;
  return action.type === "set-activity" ? now = store.activities.get(store.workers.get(action.worker)?.activity)?.name : action.type === "update-reservation" ? now = store.reservations.get(action.reservation)?.status : action.type === "update-task" && (now = store.tasks.get(action.task)?.status), !now || said.endsWith(` is ${now}.`);
}
function notice(history, sending, store) {
  let last = history.at(-1), newest = last && holds(last, store) ? last : void 0, [mark, doing] = OUTCOMES[newest?.outcome ?? "pending"], words = sending ? "Sending your click to the kernel …" : newest && `${mark} ${newest.at} · ${newest.outcome === "pending" ? doing : newest.said}`;
  return b`<p class="tr-notice ${newest?.outcome === "refused" && !sending ? "tr-refused" : ""}" role="status">${words || A}</p>`;
}
function actionHistory(redraw) {
  let copied = { id: "", words: "" }, copy = async ({ id, code }) => {
    let done = await navigator.clipboard.writeText(code).then(
      () => !0,
      () => !1
    );
    copied = { id, words: done ? "copied" : "select the text and copy it" }, redraw();
  }, item = (entry) => {
    let { id, at, code, outcome, said, ms } = entry, [mark, words] = OUTCOMES[outcome], copyButton = button("Copy", () => copy(entry), { label: `Copy the call of ${at}` });
    return b`<li class="tr-call tr-${outcome}">
      <div class="tr-line">
        <span><span aria-hidden="true">${mark} </span>${at} · ${words}${outcome === "pending" ? "" : ` · ${ms} ms`}</span>
        <span>${said}</span>
        <span class="tr-right"><span class="tr-soft" role="status">${copied.id === id ? copied.words : ""}</span> ${code ? copyButton : A}</span>
      </div>
      ${code ? b`<pre tabindex="0">${code}</pre>` : A}
    </li>`;
  }, list = (entries) => b`<ol class="tr-made">${c2(entries, ({ id }) => id, item)}</ol>`;
  return (history) => {
    let entries = [...history].reverse();
    return b`<section class="tr-calls">
      <h3>The call that your click made</h3>
      <p class="tr-soft" ?hidden=${entries.length > 0}>Each click on this board makes one call. The call appears here, ready to be copied into a cell.</p>
      ${list(entries.slice(0, 1))}
      <details class="tr-fold" ?hidden=${entries.length < 2}><summary>earlier calls</summary>${list(entries.slice(1))}</details>
    </section>`;
  };
}

// src/shared/call_row.js
function answerChip({ error, instruction, warning: warning2 }) {
  return warning2 ? b`<span class="tr-chip tr-warned" title=${warning2}>! ${instruction}</span>` : error ? b`<span class="tr-chip tr-bad">✕ your app failed</span>` : instruction ? b`<span class="tr-chip tr-told">${instruction === "accept" ? "✓" : "→"} ${instruction}</span>` : instruction === "" ? b`<span class="tr-chip tr-nothing">no instruction</span>` : A;
}
var timesWords = ({ times, since }) => times > 1 ? `${times} times since ${since}` : "", fieldList = (pairs) => b`<dl>${pairs.map(([name, value]) => b`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`, callRow = (row, controls2 = A) => b`<li><details class=${row.problem ? "tr-failed" : ""}>
    <summary>
      <span class="tr-time">${row.at}</span>
      <code class="tr-request">${row.request}</code>
      <span class="tr-right">${answerChip(row)} ${row.status} · ${row.ms} ms</span>
      <span class="tr-said">${[timesWords(row), ...row.said, row.signature].filter(Boolean).join(" · ")}</span>
      ${row.problem ? b`<span class="tr-said tr-error">${row.problem}</span>` : A}
    </summary>
    ${row.form.length ? b`<p class="tr-soft">Form parameters of the request:</p>` : A}
    ${fieldList(row.form)}
    <p class="tr-soft">Answer, ${row.status}:</p>
    <pre>${row.answer || "(empty)"}</pre>
    ${controls2}
  </details></li>`;

// src/board/log.js
var ROWS_AT_MOST = 60;
function findRows(rows, wanted) {
  let all = [...rows].sort((a2, b2) => b2.ms_at - a2.ms_at);
  return wanted ? all.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted)) : all;
}
function alertRow(alert) {
  let { at, level, code, text, detail } = alert, isError = level === "error";
  return b`<li><details>
    <summary>
      <span class="tr-time">${at}</span>
      <strong class="tr-request">${level} ${code}</strong>
      <span class="tr-right"><span class="tr-chip ${isError ? "tr-bad" : ""}">${isError ? "✕ alert" : "! alert"}</span></span>
      <span class="tr-said">${[timesWords(alert), text].filter(Boolean).join(": ")}</span>
    </summary>
    ${fieldList(detail)}
  </details></li>`;
}
function loggedCall(row, { live, run }) {
  let { delivery, request, at } = row;
  if (!delivery) return callRow(row);
  let resend = () => run({ type: "resend-webhook", delivery }), options = { disabled: !live, acts: !0, label: `Send ${request} of ${at} again` };
  return callRow(row, b`<div>${button("Send again", resend, options)}</div>`);
}
function callbackLog(redraw) {
  let wanted = "", onSearch = (event) => {
    wanted = /** @type {HTMLInputElement} */
    event.target.value.toLowerCase(), redraw();
  };
  return {
    template(context) {
      let count = context.store.rows.size, rows = findRows(context.store.rows.values(), wanted), of = rows.length < count ? `${rows.length} of ` : "", words = count ? `${of}${plural(count, "entry", "entries")}, the newest first` : "No calls yet. When TaskRouter calls your server, the call appears here by itself.";
      return b`<div class="tr-callbacks">
        <div class="tr-line">
          <input type="search" class="tr-search" placeholder="search names, SIDs, answers" aria-label="Search the log" @input=${onSearch} />
          <p class="tr-soft" role="status">${words}</p>
        </div>
        <ol class="tr-rows tr-tall">${c2(
        rows.slice(0, ROWS_AT_MOST),
        ({ id }) => id,
        (row) => row.of === "alert" ? alertRow(row) : loggedCall(row, context)
      )}</ol>
      </div>`;
    }
  };
}

// src/board/outline.js
function outlineOf(store, picked) {
  let newest = null, waiting = /* @__PURE__ */ new Map();
  for (let task of store.tasks.values())
    task.status === "pending" && push(waiting, task.queue, task), (!newest || task.updated > newest.updated) && (newest = task);
  let held = /* @__PURE__ */ new Map(), offers = /* @__PURE__ */ new Map();
  for (let reservation of store.reservations.values())
    push(offers, reservation.task, reservation), isHeld(reservation.status) && push(held, reservation.worker, reservation);
  return { present: picked && store.tasks.get(picked) || newest, waiting, held, offers };
}
function presentWords(store, { present, held }) {
  if (!present) return "";
  let holder = [...held.values()].flat().find((each) => each.task === present.sid)?.worker, worker = holder && store.workers.get(holder), activity = worker && store.activities.get(worker.activity)?.name, call = [...store.calls.values()].find(
    ({ task, side, live }) => task === present.sid && side === "caller" && live
  );
  return `${[
    `The selected task is ${present.status}`,
    worker ? `${worker.name} is ${activity}` : null,
    call ? `the caller ${call.words}` : null
  ].filter(Boolean).join("; ")}.`;
}
function push(groups, key, value) {
  let group = groups.get(key);
  group ? group.push(value) : groups.set(key, [value]);
}

// node_modules/lit-html/async-directive.js
var s3 = (i4, t4) => {
  let e4 = i4._$AN;
  if (e4 === void 0) return !1;
  for (let i5 of e4) i5._$AO?.(t4, !1), s3(i5, t4);
  return !0;
}, o2 = (i4) => {
  let t4, e4;
  do {
    if ((t4 = i4._$AM) === void 0) break;
    e4 = t4._$AN, e4.delete(i4), i4 = t4;
  } while (e4?.size === 0);
}, r3 = (i4) => {
  for (let t4; t4 = i4._$AM; i4 = t4) {
    let e4 = t4._$AN;
    if (e4 === void 0) t4._$AN = e4 = /* @__PURE__ */ new Set();
    else if (e4.has(i4)) break;
    e4.add(i4), c3(t4);
  }
};
function h3(i4) {
  this._$AN !== void 0 ? (o2(this), this._$AM = i4, r3(this)) : this._$AM = i4;
}
function n2(i4, t4 = !1, e4 = 0) {
  let r4 = this._$AH, h5 = this._$AN;
  if (h5 !== void 0 && h5.size !== 0) if (t4) if (Array.isArray(r4)) for (let i5 = e4; i5 < r4.length; i5++) s3(r4[i5], !1), o2(r4[i5]);
  else r4 != null && (s3(r4, !1), o2(r4));
  else s3(this, i4);
}
var c3 = (i4) => {
  i4.type == t2.CHILD && (i4._$AP ??= n2, i4._$AQ ??= h3);
}, f2 = class extends i2 {
  constructor() {
    super(...arguments), this._$AN = void 0;
  }
  _$AT(i4, t4, e4) {
    super._$AT(i4, t4, e4), r3(this), this.isConnected = i4._$AU;
  }
  _$AO(i4, t4 = !0) {
    i4 !== this.isConnected && (this.isConnected = i4, i4 ? this.reconnected?.() : this.disconnected?.()), t4 && (s3(this, i4), o2(this));
  }
  setValue(t4) {
    if (r2(this._$Ct)) this._$Ct._$AI(t4, this);
    else {
      let i4 = [...this._$Ct._$AH];
      i4[this._$Ci] = t4, this._$Ct._$AI(i4, this, 0);
    }
  }
  disconnected() {
  }
  reconnected() {
  }
};

// node_modules/lit-html/directives/ref.js
var e3 = () => new h4(), h4 = class {
}, o3 = /* @__PURE__ */ new WeakMap(), n3 = e2(class extends f2 {
  render(i4) {
    return A;
  }
  update(i4, [s4]) {
    let e4 = s4 !== this.G;
    return e4 && this.rt(void 0), (e4 || this.lt !== this.ct) && (this.G = s4, this.ht = i4.options?.host, this.rt(this.ct = i4.element)), A;
  }
  rt(t4) {
    if (this.G !== void 0) if (this.isConnected || (t4 = void 0), typeof this.G == "function") {
      let i4 = this.ht ?? globalThis, s4 = o3.get(i4);
      s4 === void 0 && (s4 = /* @__PURE__ */ new WeakMap(), o3.set(i4, s4)), s4.get(this.G) !== void 0 && this.G.call(this.ht, void 0), s4.set(this.G, t4), t4 !== void 0 && this.G.call(this.ht, t4);
    } else this.G.value = t4;
  }
  get lt() {
    return typeof this.G == "function" ? o3.get(this.ht ?? globalThis)?.get(this.G) : this.G?.value;
  }
  disconnected() {
    this.lt === this.ct && this.rt(void 0);
  }
  reconnected() {
    this.rt(this.ct);
  }
});

// src/board/save_svg.js
var COLOURS = ["text", "soft", "line", "page", "shade", "brand", "good"];
function saveSvg(drawing, name) {
  let copy = (
    /** @type {SVGSVGElement} */
    drawing.cloneNode(!0)
  ), probe = document.createElement("span");
  probe.hidden = !0, drawing.parentElement?.append(probe);
  for (let colour of COLOURS)
    probe.style.color = `var(--tr-${colour})`, copy.style.setProperty(`--tr-${colour}`, getComputedStyle(probe).color);
  probe.remove();
  let widget = drawing.closest(".tr");
  widget && (copy.style.background = getComputedStyle(widget).backgroundColor), copy.style.setProperty("--jp-ui-font-family", "system-ui, sans-serif");
  for (let node of copy.querySelectorAll("[data-unscrolled]")) node.removeAttribute("transform");
  let comments = document.createTreeWalker(copy, NodeFilter.SHOW_COMMENT), found = [];
  for (; comments.nextNode(); ) found.push(
    /** @type {Comment} */
    comments.currentNode
  );
  for (let comment of found) comment.remove();
  let text = new XMLSerializer().serializeToString(copy), url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" })), link = document.createElement("a");
  link.href = url, link.download = name, link.click(), setTimeout(() => URL.revokeObjectURL(url), 1e4);
}

// src/board/sequence_data.js
var AROUND = 3e3, CLOCKS_DIFFER = 200, ENDS_OFFER = ["reservation.accepted", "reservation.rejected"], TWILIO = "Twilio", STATES_AT_MOST = 4, GROUPS = {
  call: { words: "REST calls that change", kinds: ["call", "answer"], atFirst: !0 },
  read: { words: "REST calls that read", kinds: ["read", "result"], atFirst: !1 },
  webhook: { words: "webhooks and instructions", kinds: ["webhook", "instruction"], atFirst: !0 },
  state: { words: "changes of state", kinds: ["state"], atFirst: !0 },
  event: { words: "event callbacks", kinds: ["event"], atFirst: !1 },
  phone: { words: "phones", kinds: ["phone"], atFirst: !0 }
};
function lanesOf(steps) {
  let used = new Set(steps.flatMap(({ from, to }) => [from, to])), lanes = (
    /** @type {[Lane, string][]} */
    Object.entries(SEQUENCE_LANES)
  ), hasCalls = steps.some(({ call }) => call);
  return new Map(
    lanes.filter(([lane]) => hasCalls ? used.has(lane) : !PHONE_LANES.includes(lane)).map(([lane, name]) => [lane, lane === "taskrouter" && hasCalls ? TWILIO : name])
    // calls are not TaskRouter's
  );
}
function stepsOfTask(steps, task, offers, calls) {
  let isOwn = (step) => step.task === task || !!(step.call && calls.get(step.call)?.task === task), own = steps.filter(isOwn), [first, last] = [own[0], own.at(-1)];
  if (!first || !last) return own;
  let workers = new Set(offers.map(({ worker }) => worker)), isNear = ({ at }) => at >= first.at - AROUND && at <= last.at + AROUND, isTheirs = (step) => !step.task && step.worker && workers.has(step.worker) && isNear(step);
  return steps.filter((step) => isOwn(step) || isTheirs(step));
}
function cameOfAnswer({ kind, type, from, call, reservation }) {
  return kind === "phone" ? from === "taskrouter" ? reservation ?? call : null : kind !== "state" ? null : type && ENDS_OFFER.includes(type) ? reservation : call;
}
function inOrder(steps) {
  let all = [...steps], askedAt = new Map(
    all.filter(({ kind }) => kind === "webhook").map(({ id, at }) => [id.replace("request", "instruction"), at])
  ), outcomes = /* @__PURE__ */ new Map();
  for (let step of all) {
    let about = cameOfAnswer(step);
    about && push(outcomes, about, step.at);
  }
  let placeOf = ({ id, kind, at, reservation, call }) => {
    let asked = kind === "instruction" ? askedAt.get(id) : void 0;
    if (asked === void 0) return at;
    let isLate = (end) => end < at && at - end < CLOCKS_DIFFER && asked < end, late = (outcomes.get(reservation ?? call ?? "") ?? []).filter(isLate);
    return late.length ? Math.min(...late) - 5e-4 : at;
  }, places = new Map(all.map((step) => [step, placeOf(step)])), place = (step) => places.get(step) ?? step.at;
  return all.sort((a2, b2) => place(a2) - place(b2) || (a2.id < b2.id ? -1 : 1));
}
function sceneStart(steps) {
  let offer = steps.findLastIndex(({ type }) => type === "reservation.created");
  return Math.max(
    0,
    steps.slice(0, offer + 1).findLastIndex(({ kind }) => kind === "call")
  );
}
var gapWords = (ms) => ms < 0.5 ? "" : ms < 1e4 ? `+${Math.round(ms)} ms` : `+${duration(ms / 1e3)}`, phoneWords = (call) => call && (call.side === "caller" ? `caller ${call.name}` : `${call.name}’s phone`);
function statesAfter(steps, store, task) {
  let states = /* @__PURE__ */ new Map();
  for (let { sets } of steps) for (let [sid, state] of Object.entries(sets)) push(states, sid, state);
  return [...states].filter(([sid]) => !sid.startsWith("WT") || task === null || sid === task).slice(-STATES_AT_MOST).map(([sid, all]) => {
    let ways = all.filter((state, i4) => state !== all[i4 - 1]).slice(-STATES_AT_MOST), name = store.workers.get(sid)?.name ?? phoneWords(store.calls.get(sid)) ?? `task ${shortSid(sid)}`;
    return { sid, name, before: ways.slice(0, -1), now: ways.at(-1) };
  });
}

// src/board/svg_text.js
var measure;
function widthOf(text) {
  if (measure ??= document.createElement("canvas").getContext("2d"), !measure) return text.length * 7;
  let family = getComputedStyle(document.body).getPropertyValue("--jp-ui-font-family") || "system-ui, sans-serif";
  return measure.font = `12px ${family}`, measure.measureText(text).width;
}
var fits = (text, width) => width > 0 && widthOf(text) <= width, fit = (text, width) => cut(text, width, (kept) => `${text.slice(0, kept).replace(/[…\s]+$/, "")}…`), fitEnds = (text, width) => cut(text, width, (kept) => `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`);
function cut(text, width, shorten) {
  if (widthOf(text) <= width) return text;
  let most = text.length - 1;
  for (; most > 3 && widthOf(shorten(most)) > width; ) most -= 1;
  return shorten(most);
}

// src/board/sequence_drawing.js
var SHORT = { code: "code", server: "server" }, NARROWEST_GAP = 72, ROOMY_GAP = 124, NARROW_MARGINS = (
  /** @type {const} */
  [108, 34]
), ROOMY_MARGINS = (
  /** @type {const} */
  [202, 46]
), WIDEST = 1100, LABEL = 132, TIMES = 90, ROW = 34, TOP = 40, STYLE = `
.tr-seq text { font: 12px var(--jp-ui-font-family, system-ui, sans-serif); fill: var(--tr-text); }
.tr-seq .tr-t { font-size: 11px; fill: var(--tr-soft); font-variant-numeric: tabular-nums; }
.tr-seq .tr-lanehead { font-weight: 600; text-anchor: middle; }
.tr-seq .tr-life { stroke: var(--tr-line); }
.tr-seq .tr-arrow { stroke: var(--tr-soft); stroke-width: 1.4; fill: none; }
.tr-seq .tr-tip { fill: var(--tr-soft); stroke: none; }
.tr-seq :is(.tr-k-answer, .tr-k-result, .tr-k-instruction) .tr-arrow { stroke-dasharray: 5 3; }
.tr-seq .tr-k-event .tr-arrow { stroke-dasharray: 1 3; }
.tr-seq :is(.tr-k-webhook, .tr-k-instruction) .tr-arrow { stroke: var(--tr-brand); stroke-width: 2; }
.tr-seq :is(.tr-k-webhook, .tr-k-instruction) .tr-tip { fill: var(--tr-brand); }
.tr-seq .tr-k-state .tr-arrow { stroke: var(--tr-good); stroke-width: 1.6; }
.tr-seq .tr-k-state .tr-tip, .tr-seq .tr-dot { fill: var(--tr-good); }
.tr-seq .tr-k-phone .tr-arrow { stroke: var(--tr-warn); stroke-width: 1.6; }
.tr-seq .tr-k-phone :is(.tr-tip, .tr-dot) { fill: var(--tr-warn); }
.tr-seq .tr-arrow + .tr-tip + text { paint-order: stroke; stroke: var(--tr-page); stroke-width: 4px; }
.tr-seq .tr-step:is(:hover, .tr-chosen) .tr-arrow + .tr-tip + text { stroke: var(--tr-shade); }
.tr-seq .tr-row { fill: transparent; }
.tr-seq .tr-step:hover .tr-row { fill: var(--tr-shade); }
.tr-seq .tr-chosen .tr-row { fill: var(--tr-shade); stroke: var(--tr-brand); }
.tr-seq .tr-plate { fill: var(--tr-page); stroke: var(--tr-line); }
.tr-seq .tr-step { cursor: pointer; outline: none; }
.tr-seq .tr-step:focus-visible .tr-row { stroke: var(--tr-brand); stroke-width: 2; }
`, widthOf2 = ([before, after], gap, lanes) => before + after + gap * (lanes - 1), isRoomy = (width, lanes) => width >= widthOf2(ROOMY_MARGINS, ROOMY_GAP, lanes);
function lanesIn(lanes, width) {
  let [before, after] = isRoomy(width, lanes.length) ? ROOMY_MARGINS : NARROW_MARGINS, gap = (width - before - after) / (lanes.length - 1);
  return (
    /** @type {Record<Lane, number>} */
    Object.fromEntries(lanes.map((lane, i4) => [lane, Math.round(before + i4 * gap)]))
  );
}
var drawingWidth = (board, lanes) => Math.max(widthOf2(NARROW_MARGINS, NARROWEST_GAP, lanes), Math.min(WIDEST, board - 20));
function arrow({ from, to, label }, y2, lanes, width) {
  let [start, end] = [lanes[from], lanes[to]];
  if (from === to)
    return w`<circle class="tr-dot" cx=${start} cy=${y2} r="4.5"></circle>
      <text x=${start + 14} y=${y2 + 4}>${fit(label, width - start - 24)}</text>`;
  let way = Math.sign(end - start), line = y2 + 8, middle = (start + end) / 2, room = 2 * Math.min(middle - TIMES, width - middle), longest = Math.max(Math.abs(end - start) - 16, Math.min(LABEL, room));
  return w`<line class="tr-arrow" x1=${start + way * 4} y1=${line} x2=${end - way * 10} y2=${line}></line>
    <path class="tr-tip" d="M ${end - way * 3} ${line} l ${-way * 9} -4.5 v 9 z"></path>
    <text x=${middle} y=${y2 + 2} text-anchor="middle">${fit(label, longest)}</text>`;
}
function sequenceDrawing({ steps, chosen, lanes, width, choose }) {
  let names = [...lanes], places = lanesIn([...lanes.keys()], width), roomy = isRoomy(width, lanes.size), height = TOP + Math.max(1, steps.length) * ROW + 8, stop = steps.some(({ id }) => id === chosen) ? chosen : steps.at(-1)?.id, row = (step, i4) => {
    let y2 = TOP + i4 * ROW + ROW / 2, before = steps[i4 - 1], words = `${timeOfDay(step.at)}, ${lanes.get(step.from)} to ${lanes.get(step.to)}: ${step.label}`, gap = before && roomy ? gapWords(step.at - before.at) : "";
    return w`<g class="tr-step tr-k-${step.kind} ${step.id === chosen ? "tr-chosen" : ""}" role="button"
        tabindex=${step.id === stop ? 0 : -1} aria-pressed=${String(step.id === chosen)} aria-label=${words} data-id=${step.id}
        @click=${(event) => focusStep(event, step.id, choose)}>
      <rect class="tr-row" x="2" y=${y2 - ROW / 2 + 1} width=${width - 4} height=${ROW - 2} rx="3"></rect>
      <text class="tr-t" x="8" y=${y2 + 4}>${timeOfDay(step.at)}</text>
      <text class="tr-t" x="92" y=${y2 + 4}>${gap}</text>
      ${arrow(step, y2, places, width)}
    </g>`;
  };
  return b`<svg class="tr-seq" xmlns="http://www.w3.org/2000/svg" role="group" aria-label="Sequence of steps; arrow keys move from one to the next"
      viewBox="0 0 ${width} ${height}" width=${width} height=${height}>
    <title>What passed between ${names.map(([, name]) => name).join(", ")}</title>
    <g>${names.map(([lane]) => w`<line class="tr-life" x1=${places[lane]} y1="26" x2=${places[lane]} y2=${height}></line>`)}</g>
    <g class="tr-arrows" @keydown=${(event) => onKeydown3(event, choose)}>${c2(steps, ({ id }) => id, row)}</g>
    <g class="tr-heads" data-unscrolled>
      <rect class="tr-plate" x="-1" y="-1" width=${width + 2} height="28"></rect>
      ${names.map(([lane, name]) => w`<text class="tr-lanehead" x=${places[lane]} y="18">${!roomy && SHORT[lane] || name}</text>`)}
    </g>
    <style .textContent=${STYLE}></style>
  </svg>`;
}
function focusStep(event, id, choose) {
  event.currentTarget.focus(), choose(id);
}
function onKeydown3(event, choose) {
  if (isModified(event)) return;
  let all = (
    /** @type {SVGGElement[]} */
    [.../** @type {SVGGElement} */
    event.currentTarget.querySelectorAll(".tr-step")]
  ), at = all.findIndex((step2) => step2.contains(
    /** @type {Node} */
    event.target
  )), to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1, Enter: at, " ": at }[event.key];
  if (to === void 0) return;
  event.preventDefault();
  let step = all[to];
  step?.dataset.id && (step.focus(), choose(step.dataset.id));
}

// src/board/sequence.js
var SHOWN_AT_MOST = 80, REPLAY_EVERY = 1400, AT_END = 40, LEAST_HEIGHT = 180;
function roomBelow(beside2, drawing) {
  let above = drawing.getBoundingClientRect().top - beside2.getBoundingClientRect().top + beside2.scrollTop;
  return Math.max(LEAST_HEIGHT, Math.floor(beside2.clientHeight - above) - 8);
}
var control = (words, label, act, disabled = !1) => b`<button type="button" class="tr-button" aria-label=${label} title=${label} ?disabled=${disabled} @click=${act}>${words}</button>`;
function stepDetail(step, lanes, store) {
  if (!step) return b`<p class="tr-soft">Select an arrow to see what it carries and what it means.</p>`;
  let like = step.like === void 0 ? void 0 : store.steps.get(step.like);
  return b`<p><strong>${step.type ?? step.label}</strong> · ${lanes.get(step.from)} → ${lanes.get(step.to)} · ${timeOfDay(step.at)}</p>
    <p>${step.words}</p>
    <div class="tr-fields" tabindex="0" role="group" aria-label="Content of the step">${fieldList(step.detail ?? like?.detail ?? [])}</div>`;
}
function liveWords(newer, isOther) {
  return isOther ? "There is a newer task: go live" : newer ? `${plural(newer, "newer step")}: go live` : "Go live";
}
function sequence(redraw) {
  let kinds = new Set(Object.values(GROUPS).flatMap((group) => group.atFirst ? group.kinds : [])), presentOnly = !0, position = null, task = null, playing, chosen = null, shown = [], follows = !0, scroll = (
    /** @type {import("lit-html/directives/ref.js").Ref<HTMLElement>} */
    e3()
  ), go = (to) => {
    position = to === null ? null : Math.max(0, Math.min(shown.length, to)), position && (chosen = shown[position - 1]?.id ?? null), redraw();
  }, stop = () => {
    clearInterval(playing), playing = void 0;
  }, halt = (to) => {
    stop(), go(to);
  }, isAtEnd = () => position === null || position >= shown.length, play = () => {
    if (playing !== void 0)
      return stop(), redraw();
    isAtEnd() && (position = sceneStart(shown)), playing = setInterval(() => {
      scroll.value?.isConnected ? isAtEnd() ? halt(null) : go((position ?? 0) + 1) : halt(position);
    }, REPLAY_EVERY), go((position ?? 0) + 1);
  }, choose = (id) => {
    chosen = id, redraw();
  }, onScroll = () => {
    let { value } = scroll;
    value?.querySelector(".tr-heads")?.setAttribute("transform", `translate(0 ${value.scrollTop})`);
  }, save = () => {
    let drawing = scroll.value?.querySelector("svg");
    drawing && saveSvg(drawing, "taskrouter-sequence.svg");
  }, checkbox = (words, checked, set) => b`<label><input type="checkbox" ?checked=${checked} @change=${(event) => {
    set(
      /** @type {HTMLInputElement} */
      event.target.checked
    ), go(null);
  }} /> ${words}</label>`, show = (group, on) => {
    for (let kind of group.kinds) on ? kinds.add(kind) : kinds.delete(kind);
  };
  return { template: ({ store, present, offers, width }) => {
    position === null && (task = presentOnly ? present?.sid ?? null : null);
    let all = inOrder(store.steps.values());
    shown = (task === null ? all : stepsOfTask(all, task, offers.get(task) ?? [], store.calls)).filter(({ kind }) => kinds.has(kind)).slice(-SHOWN_AT_MOST);
    let visible = position === null ? shown : shown.slice(0, position), { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = scroll.value ?? {};
    follows = position !== null || scrollHeight - scrollTop - clientHeight < AT_END;
    let states = statesAfter(visible, store, task), lanes = lanesOf(shown), isOther = task !== null && present?.sid !== task, place = position === null ? `${plural(shown.length, "step")}, live` : `step ${position} of ${shown.length}`;
    return b`<div class="tr-sequence">
      <div class="tr-checks" role="group" aria-label="What is shown">
        ${checkbox("selected task only", presentOnly, (on) => {
      presentOnly = on;
    })}
        ${Object.values(GROUPS).map((group) => checkbox(group.words, group.atFirst, (on) => show(group, on)))}
      </div>
      <div class="tr-bar" role="group" aria-label="Replay">
        ${control("|◀ First", "To the first step", () => halt(1))}
        ${control("◀ Back", "One step back", () => halt((position ?? shown.length) - 1))}
        ${control("Step ▶", "One step on", () => halt((position ?? 0) + 1), isAtEnd())}
        ${control(playing === void 0 ? "▶ Slow motion" : "‖ Pause", "Play in slow motion", play)}
        <button type="button" class="tr-button ${position === null ? "" : "tr-main"}" ?disabled=${position === null} @click=${() => halt(null)}>${liveWords(position === null ? 0 : shown.length - position, isOther)}</button>
        <span class="tr-soft">${place}</span>
        <span class="tr-right"><button type="button" class="tr-button" @click=${save}>Save as SVG</button></span>
      </div>
      <div class="tr-states" aria-live="polite">${c2(
      states,
      ({ sid }) => sid,
      ({ name, before, now }) => b`<span class="tr-state"><span class="tr-soft">${name}: ${before.map((state) => `${state} → `).join("")}</span><strong>${now}</strong></span>`
    )}</div>
      <p class="tr-soft" ?hidden=${shown.length > 0}>Nothing has happened yet. Make a worker available or create a task, and the arrows appear.</p>
      <div class="tr-scroll" ?hidden=${!shown.length} ${n3(scroll)} @scroll=${onScroll}>${sequenceDrawing({ steps: visible, chosen, lanes, width: drawingWidth(width, lanes.size), choose })}</div>
      <div class="tr-detail" role="group" aria-live="polite" aria-label="The selected step">${stepDetail(
      visible.find(({ id }) => id === chosen),
      lanes,
      store
    )}</div>
    </div>`;
  }, drawn: () => {
    let { value } = scroll;
    if (!value) return;
    let beside2 = value.closest("[data-beside]");
    beside2 && (value.style.maxHeight = `min(460px, ${roomBelow(beside2, value)}px)`), follows && (value.scrollTop = value.scrollHeight);
  }, close: stop };
}

// src/board/store.js
function storeOf(snapshot = {}) {
  let store = (
    /** @type {Store} */
    { revision: -1, workspace: {}, changed: /* @__PURE__ */ new Set() }
  );
  return takeSnapshot(store, snapshot), store;
}
function takeSnapshot(store, snapshot) {
  store.revision = snapshot.revision ?? -1, store.workspace = snapshot.workspace ?? {}, store.changed = new Set(COLLECTIONS);
  for (let name of COLLECTIONS) Object.assign(store, { [name]: new Map(Object.entries(snapshot[name] ?? {})) });
}
function applyChange(store, { from, to, change }) {
  if (to <= store.revision) return "known";
  if (from !== store.revision) return "missed";
  store.revision = to;
  let { workspace, ...collections } = change;
  workspace && (store.workspace = workspace, store.changed.add("workspace"));
  for (
    let name of
    /** @type {CollectionName[]} */
    Object.keys(collections)
  ) {
    let collection = (
      /** @type {Map<string, unknown>} */
      store[name]
    );
    for (let [sid, entity] of Object.entries(collections[name] ?? {}))
      entity === null ? collection.delete(sid) : collection.set(sid, entity);
    store.changed.add(name);
  }
  return "applied";
}
function openStore(model, changed) {
  let store = storeOf(model.get("snapshot")), asked = !1, ask = () => {
    asked || (asked = !0, model.send({ kind: "snapshot" }));
  }, onSnapshot = () => {
    asked = !1, takeSnapshot(store, model.get("snapshot") ?? {}), changed();
  }, onMessage = (message) => {
    if (message?.kind !== "change") return;
    let outcome = applyChange(store, message);
    outcome === "missed" ? ask() : outcome === "applied" && changed();
  };
  return model.on("change:snapshot", onSnapshot), model.on("msg:custom", onMessage), ask(), { store, close: () => {
    model.off("change:snapshot", onSnapshot), model.off("msg:custom", onMessage);
  } };
}

// src/board/tabs.js
function tabList({ id, names, selected, problems, select }) {
  return b`<div class="tr-tabs" role="tablist" aria-label="Views" @keydown=${(event) => {
    let to = isModified(event) ? void 0 : tabAfter(event.key, Object.keys(names), selected);
    if (to === void 0) return;
    event.preventDefault(), select(to), /** @type {HTMLElement} */
    event.currentTarget.querySelector(`[data-tab="${to}"]`)?.focus();
  }}>
    ${Object.entries(names).map(
    ([name, words]) => b`<button type="button" role="tab" class="tr-tab" id="${id}-${name}" data-tab=${name} aria-controls="${id}-${name}-panel"
          aria-selected=${String(name === selected)} tabindex=${name === selected ? 0 : -1} @click=${() => select(name)}>${words}${problems[name] ? b` <span class="tr-badge">${problems[name]}<span class="tr-unseen"> new ${problems[name] === 1 ? "problem" : "problems"}</span></span>` : A}</button>`
  )}
  </div>`;
}
function tabAfter(key, names, selected) {
  if (key === "Home") return names[0];
  if (key === "End") return names.at(-1);
  let step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  return step === void 0 ? void 0 : names[(names.indexOf(selected) + step + names.length) % names.length];
}

// src/board/tasks_data.js
var LAST_OFFERS = 3;
function taskLanes(store, wanted) {
  let lanes = new Map(TASK_PATH.map((status) => [status, []]));
  for (let task of store.tasks.values())
    wanted && !`${task.sid} ${task.attributes} ${task.status}`.toLowerCase().includes(wanted) || lanes.get(isEnded(task.status) ? "completed" : task.status)?.push(task);
  return TASK_PATH.map((status) => {
    let tasks2 = lanes.get(status) ?? [];
    status === "pending" ? tasks2.sort((a2, b2) => b2.priority - a2.priority || a2.entered - b2.entered) : tasks2.sort((a2, b2) => b2.updated - a2.updated);
    let older = status === "completed" && tasks2.length >= 40;
    return { status, tasks: tasks2, count: older ? `the last ${tasks2.length}` : String(tasks2.length) };
  });
}
function offersOf(task, offers, store) {
  let nameOf = (worker) => store.workers.get(worker)?.name ?? "a worker", all = [...offers.get(task.sid) ?? []].sort((a2, b2) => a2.created - b2.created), open = all.filter(({ status }) => status === "pending"), shown = all.filter((each, i4) => i4 >= all.length - LAST_OFFERS || isHeld(each.status)), first = open[0];
  return {
    shown: shown.map(({ sid, status, worker }) => ({ sid, status, worker: nameOf(worker) })),
    open: first?.sid ?? null,
    openTo: first && open.length > 1 ? nameOf(first.worker) : null
  };
}
var REPEATED_FROM = 3;
function repeatedWords(task, offers, store) {
  let all = [...offers.get(task.sid) ?? []].sort((a2, b2) => b2.created - a2.created), worker = store.workers.get(all[0]?.worker ?? null), other = all.findIndex((each, i4) => each.worker !== worker?.sid || i4 > 0 && each.status !== "canceled"), times = other < 0 ? all.length : other;
  if (!worker || times < REPEATED_FROM || isEnded(task.status) || task.status === "assigned") return null;
  let last = [...store.calls.values()].filter((call) => call.task === task.sid && call.name === worker.name).filter(({ live }) => !live).sort((a2, b2) => (b2.since ?? 0) - (a2.since ?? 0))[0];
  return `Offered ${times} times in a row to ${worker.name}${last ? `, whose last call ${last.words}` : ""}.`;
}
var CALL_ATTRIBUTE = /^(call_sid|worker_call_sid|conference|account_sid|api_version|direction|(from|to|caller|called)(_(city|state|zip|country))?)$/;
function shownAttributes({ attributes }) {
  let pairs = attributePairs(attributes), values = new Map(pairs);
  if (!values.get("call_sid")?.startsWith("CA")) return pairs;
  let own = pairs.filter(([name]) => !CALL_ATTRIBUTE.test(name));
  return [["call from", values.get("from") || "an unknown number"], ...own];
}
function callsOfTask(task, store) {
  return [...store.calls.values()].filter((call) => call.task === task.sid).filter(({ side, live, words }) => side === "caller" || live && words === "rings");
}
function transferWords({ passed }, store) {
  if (!passed) return null;
  let by = store.workers.get(passed.initiating_worker_sid)?.name ?? "a worker", to = store.workers.get(passed.to)?.name;
  return `${by} is transferring it${to ? ` to ${to}` : ""} (${passed.mode})`;
}
function channelWords(task, store) {
  let name = task.channel && store.task_channels.get(task.channel)?.unique_name;
  return store.workspace.multitasking && name && name !== DEFAULT_TASK_CHANNEL ? `channel ${name}` : null;
}
function factWords(task, store) {
  return [
    task.queue && store.task_queues.get(task.queue)?.name,
    channelWords(task, store),
    transferWords(task, store),
    task.priority ? `priority ${task.priority}` : null,
    task.status === "canceled" ? "canceled" : null,
    task.reason
  ].filter(Boolean).join(" · ");
}

// src/board/why.js
var partOf = ([headline, lines], open) => lines.length ? b`<details class="tr-fold tr-part" ?open=${open}><summary>${headline}</summary><ul>${lines.map((line) => b`<li>${line}</li>`)}</ul></details>` : b`<p>${headline}</p>`;
function whySection(why, { live, run }, close2) {
  if (!why) return A;
  let { parts } = why, again2 = () => run({ type: "explain-task", task: why.task });
  return b`<section class="tr-why" aria-label=${why.title}>
    <div class="tr-line"><h3>${why.title}</h3>
      <span class="tr-buttons">${button("Ask again", again2, { disabled: !live, control: "why-again" })}${button("Close", close2, { control: "why-close" })}</span></div>
    <p class="tr-soft">At ${why.at}. ${why.notes.join(" ")}</p>
    ${c2(
    parts,
    (_part, place) => `${why.id} ${place}`,
    (part, place) => partOf(part, place === parts.length - 1)
  )}
  </section>`;
}

// src/board/tasks.js
var CARDS_AT_MOST = 20, FINISHED_AT_MOST = 3, SEARCH_FROM2 = 8;
function ageOf(task) {
  let className = "tr-soft tr-right";
  if (isEnded(task.status))
    return b`<span class=${className}>${timeOfDay(task.updated, { fraction: !1 })}</span>`;
  let waits = isWaiting(task.status);
  return age((waits && task.waits || task.created) / 1e3, waits ? "waits" : "age", className);
}
function buttons(task, { open, openTo }, { live, run }) {
  let answer = (status) => {
    open && run({ type: "update-reservation", task: task.sid, reservation: open, status });
  }, update = (status) => run({ type: "update-task", task: task.sid, status }), whose = openTo ? ` for ${openTo}` : "", options = { disabled: !live, acts: !0 }, worked = task.status === "assigned" || task.status === "wrapping", waits = isWaiting(task.status);
  return b`
    ${button(`Accept${whose}`, () => answer("accepted"), { ...options, control: "accept", hidden: !open })}
    ${button(`Reject${whose}`, () => answer("rejected"), { ...options, control: "reject", hidden: !open })}
    ${button("Complete", () => update("completed"), { ...options, control: "complete", hidden: !worked })}
    ${button("Cancel", () => update("canceled"), { ...options, control: "cancel", hidden: !waits })}
  `;
}
function card(task, context) {
  let { store, present, pick } = context, isPresent = present?.sid === task.sid, offers = offersOf(task, context.offers, store);
  return b`<li class="tr-task ${isPresent ? "tr-onpath" : ""}" data-key="task ${task.sid}" data-glide=${task.sid}>
    <button type="button" class="tr-pick tr-line" data-control="pick" aria-pressed=${String(isPresent)} @click=${() => pick(task.sid)}><code>${statusMark(task.status)} ${shortSid(task.sid)}</code>${ageOf(task)}</button>
    <div class="tr-attributes">${shownAttributes(task).map(([name, value]) => b`<span><span class="tr-soft">${name} </span>${listText(value)}</span>`)}</div>
    <ul class="tr-callsnow">${callsOfTask(task, store).map((call) => callLine(call, call.side === "caller" ? "caller" : `${call.name}’s phone`))}</ul>
    <div class="tr-soft">${factWords(task, store)}</div>
    <p class="tr-repeated">${repeatedWords(task, context.offers, store)}</p>
    <ul class="tr-offers">${offers.shown.map(({ status, worker }) => b`<li>${statusMark(status)} ${worker} <span class="tr-soft">${status}</span></li>`)}</ul>
    <div class="tr-buttons" ?hidden=${!isPresent}>${isEnded(task.status) ? A : buttons(task, offers, context)}
      ${button("Why?", () => context.run({ type: "explain-task", task: task.sid }), { disabled: !context.live, label: "Why did this task go there?", control: "why" })}</div>
  </li>`;
}
var cards = (tasks2, context) => b`<ul class="tr-cardlist">${c2(
  tasks2,
  ({ sid }) => sid,
  (task) => card(task, context)
)}</ul>`;
function laneSection({ status, tasks: tasks2, count }, context) {
  let isFinished = status === "completed", name = isFinished ? "finished" : status, first = tasks2.slice(0, isFinished ? FINISHED_AT_MOST : CARDS_AT_MOST), rest = tasks2.slice(first.length, CARDS_AT_MOST), more = tasks2.length - first.length - rest.length, isHidden = !tasks2.length && (context.compact || status === "wrapping");
  return b`<div class="tr-lane" role="group" aria-label="Tasks ${name}" ?hidden=${isHidden}>
    <h4><span aria-hidden="true">${statusMark(status)} </span>${name} <span class="tr-count">${count}</span></h4>
    ${cards(first, context)}
    <details class="tr-fold" ?hidden=${!rest.length}><summary>${rest.length} earlier</summary>${cards(rest, context)}</details>
    <p class="tr-soft">${more ? `and ${more} more` : ""}</p>
  </div>`;
}
function tasks(redraw) {
  let wanted = "", closed, onSearch = (event) => {
    wanted = /** @type {HTMLInputElement} */
    event.target.value.toLowerCase(), redraw();
  };
  return {
    template: (context) => b`<section class="tr-tasks">
        <div class="tr-line tr-finding">
          <h3>Tasks</h3>
          <input type="search" class="tr-search" placeholder="find a task" aria-label="Find a task" ?hidden=${context.store.tasks.size < SEARCH_FROM2} @input=${onSearch} />
        </div>
        <p class="tr-soft" ?hidden=${!context.compact || context.store.tasks.size > 0}>No tasks yet.</p>
        ${whySection(context.why?.id === closed ? null : context.why, context, () => {
      closed = context.why?.id, redraw();
    })}
        <div class="tr-lanes ${context.compact ? "tr-stacked" : ""}">${taskLanes(context.store, wanted).map((lane) => laneSection(lane, context))}</div>
      </section>`
  };
}

// src/board/timeline_data.js
var LONGEST = 900, SHORTEST = 2e4, LEAD = 5e3, WORKERS_AT_MOST2 = 20, WAITS_AT_MOST = 12;
function secondsSinceFirst(spans, now) {
  let first = now - SHORTEST;
  for (let { kind, from, to } of spans) {
    let start = kind !== "activity" ? from : to === null ? now : Math.max(from, to - LEAD);
    start < first && (first = start);
  }
  return Math.min(LONGEST, (now - first) / 1e3 + 1);
}
function timelineNumbers(spans, start, now) {
  let within = (kind) => spans.filter((span) => span.kind === kind && (span.to ?? now) >= start), length = ({ from, to }) => (to ?? now) - from, ended = (all, ...ends) => all.filter(({ end }) => end && ends.includes(end)), goingOn = (all) => all.filter(({ to }) => to === null).length, mean = (all) => all.length ? brief(all.reduce((sum, each) => sum + each, 0) / all.length) : "–", most = (all) => all.length ? brief(all.reduce((a2, b2) => Math.max(a2, b2), 0)) : "–", [waits, offers, works] = [within("wait"), within("offer"), within("work")], accepted = ended(waits, "assigned").map(length);
  return [
    ["tasks", new Set(waits.map(({ task }) => task)).size],
    ["waiting now", goingOn(waits)],
    ["canceled while waiting", ended(waits, "canceled").length],
    ["mean wait until accepted", mean(accepted)],
    ["longest wait until accepted", most(accepted)],
    ["reservations", offers.length],
    ["accepted", ended(offers, "accepted").length],
    ["rejected", ended(offers, "rejected").length],
    ["timed out", ended(offers, "timeout").length],
    ["canceled or rescinded", ended(offers, "canceled", "rescinded").length],
    ["in progress now", goingOn(works)],
    ["mean handling time, finished", mean(works.filter(({ to }) => to !== null).map(length))]
  ];
}
function workerRows(store, spans, start, now) {
  let byWorker = /* @__PURE__ */ new Map();
  for (let span of spans) span.worker && push(byWorker, span.worker, span);
  let spansOf = ({ sid }) => byWorker.get(sid) ?? [], workers = [...store.workers.values()];
  return workers.length > WORKERS_AT_MOST2 && workers.sort((a2, b2) => spansOf(b2).length - spansOf(a2).length || NAMES.compare(a2.name, b2.name)), workers.slice(0, WORKERS_AT_MOST2).map((worker) => {
    let own = spansOf(worker), time2 = (all) => all.reduce((sum, { from, to }) => sum + (to ?? now) - Math.max(start, from), 0), works = own.filter(({ kind }) => kind === "work"), free = own.filter(
      ({ kind, activity }) => kind === "activity" && activity && store.activities.get(activity)?.available
    );
    return { worker, spans: own, available: time2(free), working: time2(works), tasks: works.length };
  });
}
function waitsByTask(spans) {
  let byTask = /* @__PURE__ */ new Map();
  for (let span of spans) span.kind === "wait" && push(byTask, span.task, span);
  let begin = (waits) => waits[0]?.from ?? 0;
  return [...byTask.values()].sort((a2, b2) => begin(a2) - begin(b2));
}

// src/board/timeline.js
var WINDOWS = /* @__PURE__ */ new Map([
  [0, "everything, up to 15 minutes"],
  [60, "the last minute"],
  [300, "the last 5 minutes"],
  [900, "the last 15 minutes"]
]), NAME_WIDTH = 110, NARROWEST = 180, TOP2 = 8, WORKER_LINE = 46, WORKER_BAR = 17, WAIT_LINE = 18, WAIT_BAR = 13, STYLE2 = `
.tr-time-chart text { font: 11px var(--jp-ui-font-family, system-ui, sans-serif); fill: var(--tr-text); }
.tr-time-chart .tr-t { fill: var(--tr-soft); font-variant-numeric: tabular-nums; }
.tr-time-chart .tr-axis { stroke: var(--tr-line); }
.tr-time-chart .tr-free { fill: color-mix(in srgb, var(--tr-good) 26%, var(--tr-page)); stroke: var(--tr-good); }
.tr-time-chart .tr-away { fill: var(--tr-shade); stroke: var(--tr-edge); stroke-dasharray: 3 2; }
.tr-time-chart .tr-work { fill: color-mix(in srgb, var(--tr-brand) 30%, var(--tr-page)); stroke: var(--tr-brand); }
.tr-time-chart .tr-offer { fill: none; stroke: var(--tr-brand); stroke-dasharray: 2 2; }
.tr-time-chart .tr-wait { fill: var(--tr-shade); stroke: var(--tr-edge); }
`;
function bar({ kind, x: [from, to], y: y2, height, words, label }) {
  let width = Math.max(1.5, to - from), text = fits(label, width - 8) ? w`<text x=${from + 4} y=${y2 + height - 4}>${label}</text>` : "";
  return w`<rect class="tr-${kind}" x=${from} y=${y2} width=${width} height=${height} rx="2"><title>${words}</title></rect>${text}`;
}
function workerBands({ worker, spans }, y2, store, x2, now) {
  let band = (span) => {
    let end = span.to ?? now, place = (
      /** @type {[number, number]} */
      [x2(span.from), x2(end)]
    ), length = brief(end - span.from);
    if (span.kind === "activity") {
      let activity = span.activity ? store.activities.get(span.activity) : void 0, label2 = activity?.name ?? "?", words2 = `${worker.name}: ${label2} for ${length}`;
      return bar({ kind: activity?.available ? "free" : "away", x: place, y: y2, height: WORKER_BAR, words: words2, label: label2 });
    }
    let label = shortSid(span.task), what = span.kind === "work" ? "handled" : `reservation ${span.end ?? "pending"}`, words = `${worker.name}: ${label} ${what} for ${length}`;
    return bar({ kind: span.kind, x: place, y: y2 + 20, height: WORKER_BAR, words, label });
  };
  return w`<text x="0" y=${y2 + 20}>${fitEnds(worker.name, NAME_WIDTH - 6)}<title>${worker.name}</title></text>${spans.filter(({ kind }) => kind !== "wait").map(band)}`;
}
function waitBand(waits, y2, x2, now) {
  let task = shortSid(waits[0]?.task);
  return w`<text class="tr-t" x="0" y=${y2 - 2}>${task} waits</text>${waits.map((span) => {
    let end = span.to ?? now, label = brief(end - span.from), words = `${task} waited ${label}, then ${span.end ?? "still waiting"}`;
    return bar({ kind: "wait", x: [x2(span.from), x2(end)], y: y2 - WAIT_BAR, height: WAIT_BAR, words, label });
  })}`;
}
function timeAxis({ start, now, width, bottom, x: x2 }) {
  let count = Math.max(1, Math.min(5, Math.floor(width / 90)));
  return Array.from({ length: count + 1 }, (_2, i4) => {
    let at = start + (now - start) * i4 / count, anchor = i4 === count ? "end" : i4 ? "middle" : "start";
    return w`<line class="tr-axis" x1=${x2(at)} y1="2" x2=${x2(at)} y2=${bottom - 10}></line>
      <text class="tr-t" x=${x2(at)} y=${bottom + 4} text-anchor=${anchor}>${timeOfDay(at, { fraction: !1 })}</text>`;
  });
}
function leftOut(workers, waits) {
  let parts = [];
  return workers > WORKERS_AT_MOST2 && parts.push(`${WORKERS_AT_MOST2} of ${workers} workers, the busiest first`), waits > WAITS_AT_MOST && parts.push(`the newest ${WAITS_AT_MOST} of ${waits} tasks that waited`), parts.length ? `Shown: ${parts.join(" · ")}. The numbers count all of them.` : "";
}
function timeline(redraw) {
  let seconds = 0, onWindow = (event) => {
    seconds = Number(
      /** @type {HTMLSelectElement} */
      event.target.value
    ), redraw();
  }, paper = (
    /** @type {import("lit-html/directives/ref.js").Ref<HTMLElement>} */
    e3()
  ), unobserve;
  return { template: ({ store, now: nowSeconds, width: board }) => {
    let now = nowSeconds * 1e3, start = now - (seconds || secondsSinceFirst(store.spans.values(), now)) * 1e3, width = Math.max(NARROWEST, (paper.value?.clientWidth ?? board) - NAME_WIDTH - 6), x2 = (at) => NAME_WIDTH + Math.max(0, Math.min(now, at) - start) / (now - start) * width, spans = [...store.spans.values()].filter(({ from, to }) => (to ?? now) >= start && from <= now), rows = workerRows(store, spans, start, now), waits = waitsByTask(spans), drawnWaits = waits.slice(-WAITS_AT_MOST), waitsTop = TOP2 + rows.length * WORKER_LINE, bottom = waitsTop + drawnWaits.length * WAIT_LINE + 20, percent = (ms) => `${Math.min(100, Math.round(ms / (now - start) * 100))} %`, words = rows.slice(0, 8).map(
      ({ worker, available, working }) => `${worker.name}: available ${percent(available)}, working ${percent(working)}`
    );
    return b`<div class="tr-timeline">
      <label class="tr-field"><span>Show</span><select @change=${onWindow}>${[...WINDOWS].map(([value, name]) => b`<option value=${value}>${name}</option>`)}</select></label>
      <div class="tr-beside">
        <div class="tr-paper" ${n3(paper)}>
          <div class="tr-scroll" tabindex="0" role="group" aria-label="The chart">
            <svg class="tr-time-chart" role="img" width=${NAME_WIDTH + width + 4} height=${bottom + 12} aria-label="Timeline: ${WINDOWS.get(seconds)}. ${words.join("; ")}">
              <title>Activities and tasks of each worker over time</title>
              ${c2(
      rows,
      ({ worker }) => worker.sid,
      (row, i4) => w`<g>${workerBands(row, TOP2 + i4 * WORKER_LINE, store, x2, now)}</g>`
    )}
              ${drawnWaits.length ? w`<line class="tr-axis" x1="0" y1=${waitsTop} x2=${NAME_WIDTH + width} y2=${waitsTop}></line>` : ""}
              ${drawnWaits.map((each, i4) => w`<g>${waitBand(each, waitsTop + (i4 + 1) * WAIT_LINE, x2, now)}</g>`)}
              ${timeAxis({ start, now, width, bottom, x: x2 })}
              <style .textContent=${STYLE2}></style>
            </svg>
          </div>
          <p class="tr-soft">${leftOut(store.workers.size, waits.length)}</p>
          <p class="tr-soft tr-legend">upper band: activity, solid edge = available, dashed edge = not available · lower band: tasks, dashed = reservation pending, filled = accepted · below: how long each task waited</p>
        </div>
        <div class="tr-scroll" tabindex="0" role="group" aria-label="The numbers">
          <table class="tr-stats">
            <caption>In numbers, from TaskRouter's events</caption>
            <tbody>${timelineNumbers(spans, start, now).map(([name, value]) => b`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody>
          </table>
          <table class="tr-stats">
            <caption>Workers during this time</caption>
            <thead><tr>${["worker", "available", "working", "tasks"].map((name) => b`<th scope="col">${name}</th>`)}</tr></thead>
            <tbody>${rows.map(
      ({ worker, available, working, tasks: tasks2 }) => b`<tr><th scope="row">${worker.name}</th><td>${percent(available)}</td><td>${percent(working)}</td><td>${tasks2}</td></tr>`
    )}</tbody>
          </table>
        </div>
      </div>
    </div>`;
  }, drawn: () => {
    paper.value && (unobserve ??= observeSize(paper.value, redraw));
  }, close: () => unobserve?.() };
}

// src/board/trouble.js
var AGAIN = "TaskRouter cancels the reservation and offers the task again, in the sandbox twice a second; how often Twilio does is not documented.";
function isStillAsked({ form }, workflows) {
  let sid = new Map(form).get("WorkflowSid");
  return sid === void 0 || !!workflows.get(sid)?.url;
}
function troubleOf(rows, workflows) {
  let newest = null;
  for (let row of rows)
    row.of === "call" && row.reservation && row.ms_at >= (newest?.ms_at ?? 0) && (newest = row);
  return newest?.problem && isStillAsked(newest, workflows) ? newest : null;
}
function warningOf(rows, since) {
  let newest = null;
  for (let row of rows)
    row.of !== "alert" || row.level !== "warning" || !row.problem || row.ms_at > (newest?.ms_at ?? since) && (newest = row);
  return newest;
}
var warning = (row, openLog) => b`<div class="tr-armed tr-warning" ?hidden=${!row}>
    <span role="status">${row ? b`<strong>! Warning ${row.code}:</strong> ${row.text}` : A}</span>
    ${button("Open the log", openLog)}
  </div>`;
function newProblems(rows, since) {
  let count = 0;
  for (let { problem, ms_at } of rows) problem && ms_at > since && (count += 1);
  return count;
}
function trouble(row, openLog) {
  let again2 = row && row.times > 2 && !row.warning;
  return b`<div class="tr-armed" ?hidden=${!row}>
    <span role="status">${row ? b`<strong>✕ Your callback failed:</strong> ${row.problem}.` : A}</span>
    <span>${row && row.times > 1 ? `${timesWords(row)}.` : A}</span>
    ${button("Open the log", openLog)}
    <span class="tr-soft" ?hidden=${!again2}>${AGAIN}</span>
  </div>`;
}

// src/board/board.js
var TABS = { board: "Board", sequence: "Sequence", timeline: "Timeline", log: "Log" }, TASK_COLLECTIONS = (
  /** @type {const} */
  ["tasks", "reservations", "task_queues", "workflows", "calls"]
), ROOMY = 700, NEWS = 600, REDRAW_EVERY = 33;
function drawingSchedule(draw) {
  let due, drawnAt = Number.NEGATIVE_INFINITY, cancel = () => {
    clearTimeout(due), due = void 0;
  }, drawNow = () => {
    cancel(), drawnAt = performance.now(), draw();
  };
  return { redraw: () => {
    if (due !== void 0) return;
    let wait = Math.max(0, REDRAW_EVERY - (performance.now() - drawnAt)), timer = setTimeout(
      () => document.hidden ? drawNow() : requestAnimationFrame(() => due === timer && drawNow()),
      wait
    );
    due = timer;
  }, drawNow, cancel };
}
function boardPanel(redraw) {
  let [{ workflows, queues, workers }, lanes] = [flow(redraw), tasks(redraw)], taskLanes2 = (context) => context.tasksChanged ? lanes.template(context) : E;
  return {
    template: (context) => context.compact ? b`<div class="tr-flow tr-compact">${workers(context)}${taskLanes2(context)}${queues(context)}
            <details class="tr-fold"><summary>Workflow</summary>${workflows(context)}</details></div>` : b`<div class="tr-flow">${workflows(context)}${queues(context)}${workers(context)}</div>${taskLanes2(context)}`
  };
}
function render({ model, el }) {
  let id = uniqueId(), tab = "board", picked = null, logSeen = 0, live = !1, compact = !1, whyDrawn, everything = !0, body, drawBoard = () => {
    let state = model.get("state"), width = body.clientWidth;
    compact !== (width > 0 && width < ROOMY) && (compact = !compact, everything = !0), whyDrawn !== state.why?.id && (everything = !0), whyDrawn = state.why?.id;
    let tasksChanged = everything || TASK_COLLECTIONS.some((name) => store.changed.has(name));
    everything = !1, store.changed.clear();
    let context = {
      ...outlineOf(store, picked),
      id,
      store,
      now: model.get("heartbeat").now ?? Date.now() / 1e3,
      width,
      compact,
      live,
      tasksChanged,
      why: state.why ?? null,
      questions: asked,
      pendingActivity: actions.pendingActivity,
      run(action) {
        action.type === "create-task" && (picked = null), actions.run(action);
      },
      pick(task) {
        picked = picked === task ? null : task, redrawAll();
      }
    }, show = () => D(template(context, state), body);
    keepFocus(el, () => tab === "board" && tasksChanged ? glide(body, show) : show()), panels[tab]?.drawn?.(), el.classList.toggle("tr-unknown", !state.known || store.revision < 0), tickAges(el, context.now);
  }, { redraw, drawNow, cancel } = drawingSchedule(drawBoard), redrawAll = () => {
    everything = !0, redraw();
  }, panelViews = { sequence: sequence(redraw), timeline: timeline(redraw) }, panels = { board: boardPanel(redrawAll), ...panelViews, log: callbackLog(redraw) }, bar2 = controls(redraw), asked = questions(redraw), history = actionHistory(redraw), actions = openActions(model, redraw), { store, close: close2 } = openStore(model, redraw), select = (name) => {
    tab = name, everything = !0, drawNow();
  }, panel = (name, context) => b`<div role="tabpanel" id="${id}-${name}-panel" aria-labelledby="${id}-${name}" ?hidden=${name !== tab}>${name === tab ? panels[name]?.template(context) : E}</div>`, template = (context, state) => {
    if (tab === "log") for (let { ms_at } of store.rows.values()) logSeen = Math.max(logSeen, ms_at);
    return b`<p class="tr-soft tr-loading">${state.trouble ? "" : "Loading the workspace …"}</p>
      <div class="tr-top">${tabList({ id, names: TABS, selected: tab, problems: { log: newProblems(store.rows.values(), logSeen) }, select })}${bar2(context, state, beside(model, el))}</div>
      ${notice(state.history ?? [], actions.isSending(), store)}
      ${trouble(troubleOf(store.rows.values(), store.workflows), () => select("log"))}
      ${warning(warningOf(store.rows.values(), Math.max(logSeen, (context.now - NEWS) * 1e3)), () => select("log"))}
      ${activeFaults(state.faults ?? [], context)}
      ${Object.keys(TABS).map((name) => panel(name, context))}
      ${history(state.history ?? [])}
      <p class="tr-soft">${state.how}</p>
      <p class="tr-unseen" role="status">${presentWords(store, context)}</p>`;
  };
  el.classList.add("tr-board");
  let frame = mountFrame(
    { model, el },
    {
      draw(node, _state, isLive) {
        body = node, live !== isLive && (everything = !0), live = isLive, redraw();
      },
      tick(node, now) {
        tickAges(node, now), tab === "timeline" && redraw();
      }
    }
  ), unobserve = observeSize(el, redraw, () => "beside" in el.dataset);
  return () => {
    cancel(), unobserve();
    for (let view of Object.values(panelViews)) view.close();
    actions.close(), close2(), frame.unmount();
  };
}
var board_default = { render };
export {
  board_default as default
};
/*! Bundled license information:

lit-html/lit-html.js:
lit-html/directive.js:
lit-html/directives/repeat.js:
lit-html/async-directive.js:
  (**
   * @license
   * Copyright 2017 Google LLC
   * SPDX-License-Identifier: BSD-3-Clause
   *)

lit-html/directive-helpers.js:
lit-html/directives/live.js:
lit-html/directives/ref.js:
  (**
   * @license
   * Copyright 2020 Google LLC
   * SPDX-License-Identifier: BSD-3-Clause
   *)
*/
