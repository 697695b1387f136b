/* Built from helpers/live/front/src by `npm run build`: change the sources, not this file. */

// node_modules/lit-html/lit-html.js
var t = globalThis, i = (t2) => t2, s = t.trustedTypes, e = s ? s.createPolicy("lit-html", { createHTML: (t2) => t2 }) : void 0, h = "$lit$", o = `lit$${Math.random().toFixed(9).slice(2)}$`, n = "?" + o, r = `<${n}>`, l = document, c = () => l.createComment(""), a = (t2) => t2 === null || typeof t2 != "object" && typeof t2 != "function", u = Array.isArray, d = (t2) => u(t2) || typeof t2?.[Symbol.iterator] == "function", f = `[ 	
\f\r]`, v = /<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g, _ = /-->/g, m = />/g, p = RegExp(`>|${f}(?:([^\\s"'>=/]+)(${f}*=${f}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`, "g"), g = /'/g, $ = /"/g, y = /^(?:script|style|textarea|title)$/i, x = (t2) => (i2, ...s2) => ({ _$litType$: t2, strings: i2, values: s2 }), b = x(1), w = x(2), T = x(3), E = /* @__PURE__ */ Symbol.for("lit-noChange"), A = /* @__PURE__ */ Symbol.for("lit-nothing"), C = /* @__PURE__ */ new WeakMap(), P = l.createTreeWalker(l, 129);
function V(t2, i2) {
  if (!u(t2) || !t2.hasOwnProperty("raw")) throw Error("invalid template strings array");
  return e !== void 0 ? e.createHTML(i2) : i2;
}
var N = (t2, i2) => {
  let s2 = t2.length - 1, e2 = [], n2, l2 = i2 === 2 ? "<svg>" : i2 === 3 ? "<math>" : "", c2 = v;
  for (let i3 = 0; i3 < s2; i3++) {
    let s3 = t2[i3], a2, u2, d2 = -1, f2 = 0;
    for (; f2 < s3.length && (c2.lastIndex = f2, u2 = c2.exec(s3), u2 !== null); ) f2 = c2.lastIndex, c2 === v ? u2[1] === "!--" ? c2 = _ : u2[1] !== void 0 ? c2 = m : u2[2] !== void 0 ? (y.test(u2[2]) && (n2 = RegExp("</" + u2[2], "g")), c2 = p) : u2[3] !== void 0 && (c2 = p) : c2 === p ? u2[0] === ">" ? (c2 = n2 ?? v, d2 = -1) : u2[1] === void 0 ? d2 = -2 : (d2 = c2.lastIndex - u2[2].length, a2 = u2[1], c2 = u2[3] === void 0 ? p : u2[3] === '"' ? $ : g) : c2 === $ || c2 === g ? c2 = p : c2 === _ || c2 === m ? c2 = v : (c2 = p, n2 = void 0);
    let x2 = c2 === p && t2[i3 + 1].startsWith("/>") ? " " : "";
    l2 += c2 === v ? s3 + r : d2 >= 0 ? (e2.push(a2), s3.slice(0, d2) + h + s3.slice(d2) + o + x2) : s3 + o + (d2 === -2 ? i3 : x2);
  }
  return [V(t2, l2 + (t2[s2] || "<?>") + (i2 === 2 ? "</svg>" : i2 === 3 ? "</math>" : "")), e2];
}, S = class _S {
  constructor({ strings: t2, _$litType$: i2 }, e2) {
    let r2;
    this.parts = [];
    let l2 = 0, a2 = 0, u2 = t2.length - 1, d2 = this.parts, [f2, v2] = N(t2, i2);
    if (this.el = _S.createElement(f2, e2), P.currentNode = this.el.content, i2 === 2 || i2 === 3) {
      let t3 = this.el.content.firstChild;
      t3.replaceWith(...t3.childNodes);
    }
    for (; (r2 = P.nextNode()) !== null && d2.length < u2; ) {
      if (r2.nodeType === 1) {
        if (r2.hasAttributes()) for (let t3 of r2.getAttributeNames()) if (t3.endsWith(h)) {
          let i3 = v2[a2++], s2 = r2.getAttribute(t3).split(o), e3 = /([.?@])?(.*)/.exec(i3);
          d2.push({ type: 1, index: l2, name: e3[2], strings: s2, ctor: e3[1] === "." ? I : e3[1] === "?" ? L : e3[1] === "@" ? z : H }), r2.removeAttribute(t3);
        } else t3.startsWith(o) && (d2.push({ type: 6, index: l2 }), r2.removeAttribute(t3));
        if (y.test(r2.tagName)) {
          let t3 = r2.textContent.split(o), i3 = t3.length - 1;
          if (i3 > 0) {
            r2.textContent = s ? s.emptyScript : "";
            for (let s2 = 0; s2 < i3; s2++) r2.append(t3[s2], c()), P.nextNode(), d2.push({ type: 2, index: ++l2 });
            r2.append(t3[i3], c());
          }
        }
      } else if (r2.nodeType === 8) if (r2.data === n) d2.push({ type: 2, index: l2 });
      else {
        let t3 = -1;
        for (; (t3 = r2.data.indexOf(o, t3 + 1)) !== -1; ) d2.push({ type: 7, index: l2 }), t3 += o.length - 1;
      }
      l2++;
    }
  }
  static createElement(t2, i2) {
    let s2 = l.createElement("template");
    return s2.innerHTML = t2, s2;
  }
};
function M(t2, i2, s2 = t2, e2) {
  if (i2 === E) return i2;
  let h2 = e2 !== void 0 ? s2._$Co?.[e2] : s2._$Cl, o2 = a(i2) ? void 0 : i2._$litDirective$;
  return h2?.constructor !== o2 && (h2?._$AO?.(!1), o2 === void 0 ? h2 = void 0 : (h2 = new o2(t2), h2._$AT(t2, s2, e2)), e2 !== void 0 ? (s2._$Co ??= [])[e2] = h2 : s2._$Cl = h2), h2 !== void 0 && (i2 = M(t2, h2._$AS(t2, i2.values), h2, e2)), i2;
}
var R = class {
  constructor(t2, i2) {
    this._$AV = [], this._$AN = void 0, this._$AD = t2, this._$AM = i2;
  }
  get parentNode() {
    return this._$AM.parentNode;
  }
  get _$AU() {
    return this._$AM._$AU;
  }
  u(t2) {
    let { el: { content: i2 }, parts: s2 } = this._$AD, e2 = (t2?.creationScope ?? l).importNode(i2, !0);
    P.currentNode = e2;
    let h2 = P.nextNode(), o2 = 0, n2 = 0, r2 = s2[0];
    for (; r2 !== void 0; ) {
      if (o2 === r2.index) {
        let i3;
        r2.type === 2 ? i3 = new k(h2, h2.nextSibling, this, t2) : r2.type === 1 ? i3 = new r2.ctor(h2, r2.name, r2.strings, this, t2) : r2.type === 6 && (i3 = new Z(h2, this, t2)), this._$AV.push(i3), r2 = s2[++n2];
      }
      o2 !== r2?.index && (h2 = P.nextNode(), o2++);
    }
    return P.currentNode = l, e2;
  }
  p(t2) {
    let i2 = 0;
    for (let s2 of this._$AV) s2 !== void 0 && (s2.strings !== void 0 ? (s2._$AI(t2, s2, i2), i2 += s2.strings.length - 2) : s2._$AI(t2[i2])), i2++;
  }
}, k = class _k {
  get _$AU() {
    return this._$AM?._$AU ?? this._$Cv;
  }
  constructor(t2, i2, s2, e2) {
    this.type = 2, this._$AH = A, this._$AN = void 0, this._$AA = t2, this._$AB = i2, this._$AM = s2, this.options = e2, this._$Cv = e2?.isConnected ?? !0;
  }
  get parentNode() {
    let t2 = this._$AA.parentNode, i2 = this._$AM;
    return i2 !== void 0 && t2?.nodeType === 11 && (t2 = i2.parentNode), t2;
  }
  get startNode() {
    return this._$AA;
  }
  get endNode() {
    return this._$AB;
  }
  _$AI(t2, i2 = this) {
    t2 = M(this, t2, i2), a(t2) ? t2 === A || t2 == null || t2 === "" ? (this._$AH !== A && this._$AR(), this._$AH = A) : t2 !== this._$AH && t2 !== E && this._(t2) : t2._$litType$ !== void 0 ? this.$(t2) : t2.nodeType !== void 0 ? this.T(t2) : d(t2) ? this.k(t2) : this._(t2);
  }
  O(t2) {
    return this._$AA.parentNode.insertBefore(t2, this._$AB);
  }
  T(t2) {
    this._$AH !== t2 && (this._$AR(), this._$AH = this.O(t2));
  }
  _(t2) {
    this._$AH !== A && a(this._$AH) ? this._$AA.nextSibling.data = t2 : this.T(l.createTextNode(t2)), this._$AH = t2;
  }
  $(t2) {
    let { values: i2, _$litType$: s2 } = t2, e2 = typeof s2 == "number" ? this._$AC(t2) : (s2.el === void 0 && (s2.el = S.createElement(V(s2.h, s2.h[0]), this.options)), s2);
    if (this._$AH?._$AD === e2) this._$AH.p(i2);
    else {
      let t3 = new R(e2, this), s3 = t3.u(this.options);
      t3.p(i2), this.T(s3), this._$AH = t3;
    }
  }
  _$AC(t2) {
    let i2 = C.get(t2.strings);
    return i2 === void 0 && C.set(t2.strings, i2 = new S(t2)), i2;
  }
  k(t2) {
    u(this._$AH) || (this._$AH = [], this._$AR());
    let i2 = this._$AH, s2, e2 = 0;
    for (let h2 of t2) e2 === i2.length ? i2.push(s2 = new _k(this.O(c()), this.O(c()), this, this.options)) : s2 = i2[e2], s2._$AI(h2), e2++;
    e2 < i2.length && (this._$AR(s2 && s2._$AB.nextSibling, e2), i2.length = e2);
  }
  _$AR(t2 = this._$AA.nextSibling, s2) {
    for (this._$AP?.(!1, !0, s2); t2 !== this._$AB; ) {
      let s3 = i(t2).nextSibling;
      i(t2).remove(), t2 = s3;
    }
  }
  setConnected(t2) {
    this._$AM === void 0 && (this._$Cv = t2, this._$AP?.(t2));
  }
}, H = class {
  get tagName() {
    return this.element.tagName;
  }
  get _$AU() {
    return this._$AM._$AU;
  }
  constructor(t2, i2, s2, e2, h2) {
    this.type = 1, this._$AH = A, this._$AN = void 0, this.element = t2, this.name = i2, this._$AM = e2, this.options = h2, s2.length > 2 || s2[0] !== "" || s2[1] !== "" ? (this._$AH = Array(s2.length - 1).fill(new String()), this.strings = s2) : this._$AH = A;
  }
  _$AI(t2, i2 = this, s2, e2) {
    let h2 = this.strings, o2 = !1;
    if (h2 === void 0) t2 = M(this, t2, i2, 0), o2 = !a(t2) || t2 !== this._$AH && t2 !== E, o2 && (this._$AH = t2);
    else {
      let e3 = t2, n2, r2;
      for (t2 = h2[0], n2 = 0; n2 < h2.length - 1; n2++) r2 = M(this, e3[s2 + n2], i2, n2), r2 === E && (r2 = this._$AH[n2]), o2 ||= !a(r2) || r2 !== this._$AH[n2], r2 === A ? t2 = A : t2 !== A && (t2 += (r2 ?? "") + h2[n2 + 1]), this._$AH[n2] = r2;
    }
    o2 && !e2 && this.j(t2);
  }
  j(t2) {
    t2 === A ? this.element.removeAttribute(this.name) : this.element.setAttribute(this.name, t2 ?? "");
  }
}, I = class extends H {
  constructor() {
    super(...arguments), this.type = 3;
  }
  j(t2) {
    this.element[this.name] = t2 === A ? void 0 : t2;
  }
}, L = class extends H {
  constructor() {
    super(...arguments), this.type = 4;
  }
  j(t2) {
    this.element.toggleAttribute(this.name, !!t2 && t2 !== A);
  }
}, z = class extends H {
  constructor(t2, i2, s2, e2, h2) {
    super(t2, i2, s2, e2, h2), this.type = 5;
  }
  _$AI(t2, i2 = this) {
    if ((t2 = M(this, t2, i2, 0) ?? A) === E) return;
    let s2 = this._$AH, e2 = t2 === A && s2 !== A || t2.capture !== s2.capture || t2.once !== s2.once || t2.passive !== s2.passive, h2 = t2 !== A && (s2 === A || e2);
    e2 && this.element.removeEventListener(this.name, this, s2), h2 && this.element.addEventListener(this.name, this, t2), this._$AH = t2;
  }
  handleEvent(t2) {
    typeof this._$AH == "function" ? this._$AH.call(this.options?.host ?? this.element, t2) : this._$AH.handleEvent(t2);
  }
}, Z = class {
  constructor(t2, i2, s2) {
    this.element = t2, this.type = 6, this._$AN = void 0, this._$AM = i2, this.options = s2;
  }
  get _$AU() {
    return this._$AM._$AU;
  }
  _$AI(t2) {
    M(this, t2);
  }
};
var B = t.litHtmlPolyfillSupport;
B?.(S, k), (t.litHtmlVersions ??= []).push("3.3.3");
var D = (t2, i2, s2) => {
  let e2 = s2?.renderBefore ?? i2, h2 = e2._$litPart$;
  if (h2 === void 0) {
    let t3 = s2?.renderBefore ?? null;
    e2._$litPart$ = h2 = new k(i2.insertBefore(c(), t3), t3, void 0, s2 ?? {});
  }
  return h2._$AI(t2), h2;
};

// src/shared/ids.js
var uniqueId = () => `tr-${Math.random().toString(36).slice(2)}`;

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

// src/shared/text.js
function duration(seconds) {
  let whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  let [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole % 3600 / 60)];
  return hours ? `${hours} h ${minutes} min` : `${minutes} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
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
  let age = now - read + silence;
  return ["●", `live · ${age < 0.5 + Math.min(0.5, every) ? "read < 1 s ago" : `read ${duration(age)} ago`} · every ${every} s`];
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

// src/widgets/agent_window.js
var GOES_ON = "The page itself goes on without the kernel until its token ends.", NOT_SHOWN = "The page does not show up in this frame. It is on the machine on which the kernel runs: open it in a browser there.", PATIENCE = 8e3;
function schemeOf(el) {
  let [red = 0, green = 0, blue = 0] = getComputedStyle(el).color.match(/[\d.]+/g)?.map(Number) ?? [];
  return red + green + blue > 384 ? "dark" : "light";
}
function render({ model, el }) {
  let isShown = !1, isLate = !1, inFrame = () => (
    /** @type {HTMLIFrameElement | null} */
    el.querySelector("iframe")?.contentWindow
  ), tell = () => inFrame()?.postMessage({ scheme: schemeOf(el) }, new URL(model.get("state").url).origin), onMessage = ({ source, data }) => {
    !source || source !== inFrame() || data !== "agent page" || (isShown = !0, tell(), isLate && frame.redraw());
  }, frame = mountFrame(
    { model, el },
    {
      draw(body, state, isLive) {
        let openBeside = beside(model, el), words = isLive ? state.sentence : GOES_ON;
        D(
          b`<p class="tr-agentbar">
              <a href=${state.url} target="_blank" rel="noopener">Open in a window of its own</a>
              <button type="button" class="tr-button" aria-label="Open beside the notebook" ?hidden=${!openBeside} @click=${() => openBeside?.()}>Open beside</button>
              <span class="tr-soft" role="status">${isLate && !isShown ? NOT_SHOWN : words}</span>
            </p>
            <iframe class="tr-agentframe" title=${state.title} src=${state.url}></iframe>`,
          body
        );
      }
    }
  ), late = setTimeout(() => {
    isLate = !0, frame.redraw();
  }, PATIENCE), themes = new MutationObserver(tell);
  return themes.observe(document.body, { attributes: !0, attributeFilter: ["data-jp-theme-name"] }), window.addEventListener("message", onMessage), () => {
    clearTimeout(late), themes.disconnect(), window.removeEventListener("message", onMessage), frame.unmount();
  };
}
var agent_window_default = { render };
export {
  agent_window_default as default
};
/*! Bundled license information:

lit-html/lit-html.js:
  (**
   * @license
   * Copyright 2017 Google LLC
   * SPDX-License-Identifier: BSD-3-Clause
   *)
*/
