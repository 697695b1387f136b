// What reached the callback server and what TaskRouter complained of: searchable, each row unfolds. An alert that came
// again and again is one row, where it came last.

function folded(rows) {
  const first = new Map();
  const kept = [];
  for (const each of rows) {
    const key = each.of === "alert" && `${each.code} ${each.text}`;
    const known = key && first.get(key);
    if (known) {
      Object.assign(known, { times: known.times + 1, since: each.at, id: each.id });
    } else {
      kept.push(key ? { ...each, times: 1 } : each);
      if (key) first.set(key, kept.at(-1));
    }
  }
  return kept;
}

function alertRow(each, old) {
  return h("li", {}, h(
    "details",
    { open: old?.querySelector("details").open ?? false },
    h(
      "summary",
      {},
      h("span", { class: "tr-time" }, each.at),
      h("strong", { class: "tr-request" }, `${each.level} ${each.code}`),
      h("span", { class: "tr-right" }, h("span", { class: `tr-chip ${each.level === "error" ? "tr-bad" : ""}` }, each.level === "error" ? "✕ alert" : "! alert")),
      h("span", { class: "tr-said" }, each.times > 1 ? `${each.times} times since ${each.since}: ${each.text}` : each.text),
    ),
    fields(each.detail),
  ));
}

function callbackLog(getStore, act) {
  const search = h("input", { type: "search", class: "tr-search", placeholder: "search names, SIDs, answers", "aria-label": "Search the log" });
  const count = h("p", { class: "tr-soft", role: "status" });
  const list = h("ol", { class: "tr-rows tr-tall" });
  const node = h("div", { class: "tr-callbacks" }, h("div", { class: "tr-line" }, search, count), list);
  const view = { node };
  search.addEventListener("input", () => view.again());
  const make = (each, old) => {
    if (each.of === "alert") return alertRow(each, old);
    const made = row(each, old);
    if (each.delivery) {
      const again = button("Send again", () => act({ what: "resend", delivery: each.delivery }), { ...ACTS, "aria-label": `Send ${each.request} of ${each.at} again` });
      made.querySelector("details").append(h("div", {}, again));
    }
    return made;
  };
  view.draw = () => {
    const wanted = search.value.toLowerCase();
    const all = [...getStore().rows.values()].sort((a, b) => b.ms_at - a.ms_at);
    const found = folded(wanted ? all.filter((each) => JSON.stringify(each).toLowerCase().includes(wanted)) : all);
    const of = found.length < all.length ? `${plural(found.length, "row")} of ` : "";
    say(count, all.length ? `${of}${plural(all.length, "entry", "entries")}, the newest first` : "No call yet. When TaskRouter calls your server, it appears here by itself.");
    keep(list, found.slice(0, 60), (each) => each.id, make);
  };
  return view;
}
