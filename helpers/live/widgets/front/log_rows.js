// One call to the callback server: a row that unfolds to the whole form and the whole answer.

const SHAPES = { accept: "✓" };

function answered(row) {
  if (row.error) return h("span", { class: "tr-chip tr-bad" }, "the app failed");
  if (row.instruction) {
    return h("span", { class: "tr-chip tr-told" }, `${SHAPES[row.instruction] ?? "→"} ${row.instruction}`);
  }
  if (row.instruction === "") return h("span", { class: "tr-chip tr-nothing" }, "no instruction");
  return null;
}

function fields(pairs) {
  return h("dl", {}, pairs.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function row(each, old) {
  const details = h(
    "details",
    { class: each.error ? "tr-failed" : null, open: old?.querySelector("details").open ?? false },
    h(
      "summary",
      {},
      h("span", { class: "tr-time" }, each.at),
      h("code", { class: "tr-request" }, each.request),
      h("span", { class: "tr-right" }, answered(each), ` ${each.status} · ${each.ms} ms`),
      h("span", { class: "tr-said" }, [...each.said, each.signature].join(" · ")),
      each.error ? h("span", { class: "tr-said tr-error" }, each.error) : null,
    ),
    each.form.length ? h("p", { class: "tr-soft" }, "The form that came:") : null,
    fields(each.form),
    h("p", { class: "tr-soft" }, `The answer, ${each.status}:`),
    h("pre", {}, each.answer || "(empty)"),
  );
  return h("li", {}, details);
}
