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
var plural = (count, word, words = `${word}s`) => `${count} ${count === 1 ? word : words}`;
function duration(seconds) {
  let whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  let [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole % 3600 / 60)];
  return hours ? `${hours} h ${minutes} min` : `${minutes} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
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
  let keys = keysAround(focus, root), control = focus.dataset.control;
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
      ), next = usable.find((node) => control && node.dataset.control === control) ?? usable.find((node) => "acts" in node.dataset) ?? usable[0];
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

// src/shared/speech.js
var NO_SPEECH = "This browser cannot read aloud.", NO_VOICE = "This browser has no voice to read aloud with.";
function voiceFor(voices, language) {
  let wanted = language.toLowerCase(), main = (tag) => tag.toLowerCase().replace("_", "-").split("-")[0];
  return voices.find(({ lang }) => lang.toLowerCase().replace("_", "-") === wanted) ?? voices.find(({ lang }) => main(lang) === main(wanted)) ?? null;
}
function openReader(changed) {
  let { speechSynthesis: speech } = window, known = /* @__PURE__ */ new Map(), pending = /* @__PURE__ */ new Map(), on = !1, hush = () => {
    pending.size && (pending.clear(), speech.cancel());
  }, say = (call, words, language) => {
    let utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = language, utterance.voice = voiceFor(speech.getVoices(), language), utterance.onend = utterance.onerror = () => pending.delete(utterance), pending.set(utterance, call), speech.speak(utterance);
  }, take = (call) => {
    let count = call.earlier + call.captions.length, fresh = Math.min(call.captions.length, count - (known.get(call.sid) ?? 0));
    return known.set(call.sid, count), fresh > 0 ? call.captions.slice(-fresh) : [];
  }, follow = (calls) => {
    if (!on) return;
    for (let call of calls)
      for (let { kind, said, language } of take(call))
        kind === "done" ? hush() : said && call.live && say(call.sid, said, language);
    let live = new Set(calls.filter((each) => each.live).map(({ sid }) => sid));
    [...pending.values()].some((call) => !live.has(call)) && hush();
  };
  return speech?.addEventListener?.("voiceschanged", changed), {
    isOn: () => on,
    obstacle: () => speech ? speech.getVoices().length ? "" : NO_VOICE : NO_SPEECH,
    turn(to, calls) {
      if (on = to, on) for (let call of calls) take(call);
      else hush();
    },
    follow,
    close() {
      hush(), speech?.removeEventListener?.("voiceschanged", changed);
    }
  };
}

// src/widgets/phone.js
var KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"], SPOKEN = { "*": "star", "#": "pound" }, KINDS = { heard: "", done: "tr-bydoing", wrong: "tr-byerror" }, SENDING = "Sending it to the kernel …";
function callOfKeypad(calls, chosen) {
  let talking = calls.filter(({ talks }) => talks);
  return talking.find(({ sid }) => sid === chosen) ?? talking[0] ?? null;
}
var isInUse = (calls) => calls.some((each) => each.live);
function keypadWords(calls, target) {
  return target ? "Keys go to the call." : isInUse(calls) ? "Keys work once it is answered." : "Keys write the number.";
}
function render({ model, el }) {
  let id = uniqueId(), actions = openActions(model, () => frame.redraw()), reader = openReader(() => frame.redraw()), typed = null, chosen = null, unfolded = !1, press = (key) => {
    let { calls } = model.get("state"), target = callOfKeypad(calls, chosen);
    target ? actions.run({ type: "press", call: target.sid, digits: key }) : isInUse(calls) || (typed = (typed ?? "") + key, frame.redraw());
  }, onKeydown = (event) => {
    event.ctrlKey || event.metaKey || event.altKey || !KEYS.includes(event.key) || (event.preventDefault(), press(event.key));
  }, onNumber = (event) => {
    typed = /** @type {HTMLInputElement} */
    event.target.value, frame.redraw();
  }, wanted = ({ numbers }) => (typed ?? numbers[0] ?? "").trim(), onDial = (event) => {
    event.preventDefault();
    let to = wanted(model.get("state"));
    !to || actions.isWaiting("dial") || isInUse(model.get("state").calls) || (typed = null, actions.run({ type: "dial", to }));
  }, onSay = (event) => {
    event.preventDefault();
    let input = (
      /** @type {HTMLInputElement} */
      /** @type {HTMLFormElement} */
      event.target.elements.namedItem("words")
    ), call = callOfKeypad(model.get("state").calls, chosen)?.sid, words = input.value.trim();
    !call || !words || (input.value = "", actions.run({ type: "say", call, words }));
  }, onReadAloud = (event) => reader.turn(
    /** @type {HTMLInputElement} */
    event.target.checked,
    model.get("state").calls
  ), onBehaviour = (event) => actions.run({ type: "set-phone", answer: (
    /** @type {HTMLSelectElement} */
    event.target.value
  ) }), dialForm = (state, isLive) => {
    let inUse = isInUse(state.calls);
    return b`<form class="tr-dialform" @submit=${onDial}>
    <label class="tr-soft" for="${id}-number">Number to dial</label>
    <input id="${id}-number" type="tel" name="number" autocomplete="off" .value=${l2(typed ?? state.numbers[0] ?? "")} ?disabled=${!isLive} @input=${onNumber} />
    <button type="submit" class="tr-button ${inUse ? "" : "tr-main"}" data-control="dial" aria-disabled=${String(inUse)} ?disabled=${!isLive || !wanted(state)}>Call</button>
    </form>`;
  }, keypad = (state, isLive) => {
    let target = callOfKeypad(state.calls, chosen), works = isLive && (target !== null || !isInUse(state.calls));
    return b`<div class="tr-dialpad">
      <div class="tr-keypad" role="group" aria-label="Keypad" aria-describedby="${id}-keypad" @keydown=${onKeydown}>
        ${KEYS.map((key) => b`<button type="button" class="tr-button tr-phonekey" aria-label=${SPOKEN[key] ?? A} aria-disabled=${String(!works)} ?disabled=${!isLive} @click=${() => press(key)}>${key}</button>`)}
      </div>
      <p class="tr-soft" id="${id}-keypad">${keypadWords(state.calls, target)}</p>
    </div>`;
  }, settings = (state, isLive) => {
    let obstacle = reader.obstacle(), openBeside = beside(model, el), onKeys = () => {
      unfolded = !unfolded, frame.redraw();
    };
    return b`<div class="tr-phonesettings">
      <label class="tr-soft tr-behaviour">When it is called
        <select .value=${l2(state.behaviour)} ?disabled=${!isLive} @change=${onBehaviour}>
          ${state.behaviours.map(([value, words]) => b`<option value=${value} ?selected=${value === state.behaviour}>${words}</option>`)}
        </select>
      </label>
      <label class="tr-soft tr-aloud"><input type="checkbox" ?checked=${reader.isOn()} ?disabled=${!!obstacle} aria-describedby="${id}-aloud" @change=${onReadAloud} /> Read aloud</label>
      <button type="button" class="tr-button" data-control="unfold" aria-expanded=${String(unfolded)} ?hidden=${state.dials} ?disabled=${!isLive} @click=${onKeys}>Keys</button>
      <button type="button" class="tr-button" aria-label="Open beside the notebook" ?hidden=${!openBeside} ?disabled=${!isLive} @click=${() => openBeside?.()}>Open beside</button>
      <p class="tr-soft tr-obstacle" id="${id}-aloud">${obstacle}</p>
    </div>`;
  }, card = (call, isLive, several) => {
    let hasCaptions = call.captions.length > 0 || call.live && !call.rings, act = (type) => () => actions.run({ type, call: call.sid });
    return b`<li class="tr-phonecall ${call.live ? "" : "tr-phoneover"} ${call.rings ? "tr-phonerings" : ""}" data-key="call ${call.sid}">
      <div class="tr-phonetalk ${hasCaptions ? "tr-hascaptions" : ""}">
        <div class="tr-phonehead">
          <p><strong>${call.rings ? b`<span aria-hidden="true">☎ </span>` : ""}${call.state}</strong></p>
          <p>${call.waits} <span class="tr-soft">${call.live ? b`since ${call.at}, ${age(call.since, "for")}` : `at ${call.at}${call.took ? `, after ${call.took}` : ""}`}</span></p>
          <div class="tr-phonebuttons">
          <button type="button" class="tr-button tr-main" data-acts data-control="answer" ?hidden=${!call.rings} ?disabled=${!isLive} @click=${act("answer")}>Answer</button>
          <button type="button" class="tr-button" data-control="reject" ?hidden=${!call.rings} ?disabled=${!isLive} @click=${act("reject")}>Reject</button>
          <button type="button" class="tr-button tr-main" data-acts data-control="hang-up" ?hidden=${!call.live || call.rings} ?disabled=${!isLive} @click=${act("hang-up")}>Hang up</button>
          <button type="button" class="tr-button" data-control="keys" ?hidden=${!several || !call.talks} aria-pressed=${String(callOfKeypad(model.get("state").calls, chosen)?.sid === call.sid)} ?disabled=${!isLive}
            @click=${() => {
      chosen = call.sid, frame.redraw();
    }}>Keys go here</button>
          </div>
        </div>
        <div class="tr-captions" role="log" aria-label="Captions" tabindex="0" ?hidden=${!hasCaptions}>${call.captions.map(
      ({ at, kind, text }) => b`<p class=${KINDS[kind]}><span class="tr-soft">${at}</span> <span>${text}</span></p>`
    )}</div>
      </div>
      <p class="tr-soft" ?hidden=${!call.earlier}>${plural(call.earlier, "earlier caption")} not shown.</p>
      <details class="tr-phonerequests" ?hidden=${!call.requests.length}>
        <summary>${plural(call.requests.length, "request")} to your app</summary>
        <ol>${call.requests.map((each) => b`<li><code>${each}</code></li>`)}</ol>
      </details>
    </li>`;
  }, template = (state, isLive) => {
    let { calls, refused } = state, hasKeys = state.dials || unfolded, several = calls.filter(({ talks }) => talks).length > 1, target = callOfKeypad(calls, chosen);
    return b`<div class="tr-phone" data-key="phone"><div class="tr-phonegrid ${hasKeys ? "tr-haskeys" : ""}">
      ${hasKeys ? dialForm(state, isLive) : ""}
      <div class="tr-phonescreen">
        <p class="tr-unseen" role="status">${state.sentence}</p>
        <p class="tr-soft" ?hidden=${calls.length > 0}>${state.sentence}</p>
        <ul class="tr-phonecalls">${c2(
      calls,
      ({ sid }) => sid,
      (call) => card(call, isLive, several)
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
  }, frame = mountFrame(
    { model, el },
    {
      draw(body, state, isLive) {
        if (state.advice) return D(b`<p class="tr-sentence">${state.advice}</p>`, body);
        let ends = new Map(
          [...body.querySelectorAll(".tr-captions")].map((list) => [
            list,
            list.scrollHeight - list.scrollTop - list.clientHeight < 8
          ])
        );
        reader.follow(state.calls), keepFocus(body, () => D(template(state, isLive), body));
        for (let list of body.querySelectorAll(".tr-captions"))
          (ends.get(list) ?? !0) && (list.scrollTop = list.scrollHeight);
        tickAges(body, model.get("heartbeat").now ?? Date.now() / 1e3);
      },
      tick: tickAges
    }
  );
  return () => {
    frame.unmount(), actions.close(), reader.close();
  };
}
var phone_default = { render };
export {
  callOfKeypad,
  phone_default as default,
  keypadWords
};
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
