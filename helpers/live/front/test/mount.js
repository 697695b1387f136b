// Widgets on the page of `dom.js`.

/** Show a widget of a fake model; gives its element and what takes it down. */
export function mount(widget, model) {
  const el = document.body.appendChild(document.createElement("div"));
  const unmount = widget.render({ model, el });
  return {
    el,
    unmount() {
      unmount();
      el.remove();
    },
    /** The texts of the live regions that say something. */
    spoken: () => [...el.querySelectorAll("[role=status]")].map((node) => node.textContent).filter(Boolean),
  };
}

/** Count the changes of text below a node from now on. */
export function countTextChanges(node) {
  let count = 0;
  const observer = new window.MutationObserver((records) => {
    count += records.length;
  });
  observer.observe(node, { characterData: true, childList: true, subtree: true });
  return async () => {
    await new Promise((done) => setTimeout(done, 0));
    observer.disconnect();
    return count;
  };
}
