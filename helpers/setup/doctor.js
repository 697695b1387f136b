// The browser's half of the doctor's handshake: it asks the kernel, and writes how long the answer took
// into the line of the doctor's table that waits for it.

const PATIENCE = 5000; // ms

function findLine(model, el) {
  const waiting = document.querySelector(`[data-doctor-line="${model.get("line")}"]`);
  if (waiting) return waiting;
  // A page that keeps each output apart: say it here instead.
  el.innerHTML =
    '<p role="status"><b data-doctor-word></b> <span>Widgets:</span> <span data-doctor-says></span></p>';
  return el;
}

export default {
  render({ model, el }) {
    const line = findLine(model, el);
    const say = (state, word, text) => {
      line.dataset.state = state;
      line.querySelector("[data-doctor-word]").textContent = word;
      line.querySelector("[data-doctor-says]").textContent = text;
    };

    let ping = 0;
    let sent = 0;
    const name = crypto.getRandomValues(new Uint32Array(1))[0]; // two views of one output do not mix
    const ask = () => {
      ping += 1;
      sent = performance.now();
      model.send({ ping: `${name}-${ping}` });
    };

    const answered = (message) => {
      if (message.pong !== `${name}-${ping}`) return;
      clearTimeout(silence);
      // The first answer had to wait for the cell to finish; the second one shows the way itself.
      if (ping === 1) return ask();
      const ms = Math.max(1, Math.round(performance.now() - sent));
      say("ok", "OK", `This page and the kernel talk to one another: ${ms} ms there and back.`);
      const summary = document.querySelector(`[data-doctor-summary="${model.get("line")}"]`);
      if (summary) summary.textContent = model.get("summary");
    };

    const silence = setTimeout(
      () =>
        say(
          "waiting",
          "Waiting",
          "This page is ready, but the kernel has not answered yet. It may be busy with a cell: let it finish, " +
            "or restart it (menu Kernel) and run this cell again.",
        ),
      PATIENCE,
    );

    model.on("msg:custom", answered);
    ask();
    return () => {
      clearTimeout(silence);
      model.off("msg:custom", answered);
    };
  },
};
