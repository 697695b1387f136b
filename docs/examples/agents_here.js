// Leads Twilio's SDKs for agents to a sandbox, in a page that is not to be changed. It must run before the page's own
// scripts: as the first script, in an extension, or by `page.add_init_script(path=...)` in a test with Playwright.
(() => {
  const sandbox = "http://127.0.0.1:8901";
  const bridge = /^(https?|wss?):\/\/event-bridge(\.[\w-]+)*\.twilio\.com/;
  const led = (address) =>
    String(address).replace(bridge, (_, scheme) => (scheme.startsWith("ws") ? sandbox.replace("http", "ws") : sandbox));

  window.WebSocket = class extends WebSocket {
    constructor(address, protocols) {
      super(led(address), protocols);
    }
  };
  const { open } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, address, ...more) {
    open.call(this, method, led(address), ...more);
  };
  const { fetch } = window;
  window.fetch = (asked, ...more) => fetch(asked instanceof Request ? asked : led(asked), ...more);
  const { sendBeacon } = navigator;
  navigator.sendBeacon = (address, data) => sendBeacon.call(navigator, led(address), data);
})();
