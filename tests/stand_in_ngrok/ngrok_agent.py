"""A stand-in for the ngrok agent, for tests that must run pyngrok's real code with no network.

Standard library only. It answers the command lines that pyngrok 7.2 to 9.1 runs:

    ngrok start --none --log stdout [--config P] [--authtoken T] [--region R]
    ngrok config add-authtoken T [--config P]      ngrok config add-api-key K [--config P]
    ngrok --version                                ngrok update              ngrok api ...

`start` prints the logfmt lines that pyngrok waits for and serves the agent's local API
(/api/endpoints for config version 3, /api/tunnels for 2, /api/requests/http, /api/status).
Each endpoint gets a "public" URL http://127.0.0.1:PORT which forwards to the upstream with the
headers that ngrok's edge adds (X-Forwarded-For, -Host, -Proto) and the public Host kept.

Environment:
    FAKE_NGROK_MODE        ok (default) | no_network | bad_token | session_limit | hang | crash | old_agent
                           | unverified
    FAKE_NGROK_REFUSE      an ERR_NGROK_ number: every POST of an endpoint is refused with it (e.g. 334)
    FAKE_NGROK_NEED_TOKEN  1 (default) | 0: with no authtoken anywhere, fail with ERR_NGROK_4018 as ngrok does
    FAKE_NGROK_WEB_ADDR    host:port of the local API, default 127.0.0.1:0 (config's web_addr goes first)
    FAKE_NGROK_PROTO       what X-Forwarded-Proto says, default the true scheme of the URL here
    FAKE_NGROK_CERT        a file with certificate chain and key: public URLs are https://, as ngrok's are
    FAKE_NGROK_HOST        the loopback address of public URLs, default 127.0.0.1
"""

import base64
import itertools
import json
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.stand_in_ngrok.ngrok_edge import Quiet, Server, Tunnel, log, send

ROOT = Path(__file__).resolve().parents[2]
VERSION = "3.99.0-fake"
MAX_CAPTURES = 100


def opt(args, name, default=None):
    for i, a in enumerate(args):
        if a == name and i + 1 < len(args):
            return args[i + 1]
        if a.startswith(name + "="):
            return a[len(name) + 1 :]
    return default


def read_config(path):
    """The few scalar keys that matter, without a YAML parser."""
    if not path or not os.path.exists(path):
        return {}
    with open(path) as f:
        text = f.read()
    return {
        m.group(1): m.group(2).strip().strip("'\"")
        for m in re.finditer(r"^[ \t]*(authtoken|api_key|web_addr|region)[ \t]*:[ \t]*(.+)$", text, re.M)
    }


def default_config():
    base = os.environ.get("XDG_CONFIG_HOME", os.path.join(os.path.expanduser("~"), ".config"))
    return os.path.join(base, "ngrok", "ngrok.yml")


def write_config(path, key, value):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    lines = []
    if os.path.exists(path):
        with open(path) as f:
            lines = f.read().splitlines()
    lines = [ln for ln in lines if not re.match(rf"[ \t]*{key}[ \t]*:", ln)]
    if not any(re.match(r"version[ \t]*:", ln) for ln in lines):
        lines.insert(0, 'version: "3"')
    if "agent:" not in lines:
        lines.append("agent:")
    lines.insert(lines.index("agent:") + 1, f"    {key}: {value}")
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")


class Agent:
    def __init__(self):
        self.lock = threading.RLock()
        self.tunnels = {}
        self.captures = []
        self.seq = itertools.count(1)

    def capture(self, tunnel, remote, req, resp, started, took):
        rid = f"{next(self.seq):016x}"
        item = {
            "uri": f"/api/requests/http/{rid}",
            "id": rid,
            "tunnel_name": tunnel.name,
            "remote_addr": remote,
            "start": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(started)),
            "duration": int(took * 1e9),
            "request": req,
            "response": resp,
        }
        with self.lock:
            self.captures.insert(0, item)
            del self.captures[MAX_CAPTURES:]


class Api(Quiet):
    agent = None

    def reply(self, status, data=None):
        raw = b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        if raw:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def fail(self, status, msg, err, code=100):
        self.reply(status, {"error_code": code, "status_code": status, "msg": msg, "details": {"err": err}})

    def route(self):
        raw = self.body()
        u = urlsplit(self.path)
        parts = [unquote(p) for p in u.path.strip("/").split("/")]
        try:
            data = json.loads(raw) if raw else {}
        except ValueError as e:
            return self.fail(400, "Failed to parse request body", str(e))
        _agent, key = self.agent, (self.command, parts[1] if len(parts) > 1 else "")
        if parts[0] != "api":
            return self.fail(404, "not found", self.path)
        name = "/".join(parts[2:])
        if os.environ.get("FAKE_NGROK_MODE") == "old_agent" and key[1] == "endpoints":
            return self.fail(404, "not found", self.path)
        if key[1] in ("endpoints", "tunnels"):
            return self.tunnel_routes(key[0], key[1], name, data)
        if key == ("GET", "status"):
            return self.reply(
                200,
                {
                    "status": "online",
                    "agent_version": VERSION,
                    "uri": "/api/status",
                    "session": {"legs": [{"region": "lo", "latency": "0ms"}]},
                },
            )
        if key[1] == "requests" and len(parts) > 2 and parts[2] == "http":
            return self.request_routes(key[0], "/".join(parts[3:]), data, parse_qs(u.query))
        if key == ("GET", ""):
            return self.reply(
                200,
                {
                    "endpoints_uri": "/api/endpoints",
                    "tunnels_uri": "/api/tunnels",
                    "requests_uri": "/api/requests/http",
                    "status_uri": "/api/status",
                },
            )
        self.fail(404, "not found", self.path)

    do_GET = do_POST = do_DELETE = do_PUT = route

    def tunnel_routes(self, verb, kind, name, data):
        agent, v3 = self.agent, kind == "endpoints"
        show = (lambda t, m=False: t.as_v3(m)) if v3 else (lambda t, m=False: t.as_v2())
        with agent.lock:
            if verb == "GET" and not name:
                return self.reply(200, {kind: [show(t) for t in agent.tunnels.values()], "uri": "/api/" + kind})
            if verb == "POST" and not name:
                refuse = os.environ.get("FAKE_NGROK_REFUSE")
                name = data.get("name") or "command_line"
                upstream = (data.get("upstream") or {}).get("url") if v3 else data.get("addr")
                if refuse:
                    return self.fail(
                        502,
                        "failed to start tunnel",
                        f"failed to start tunnel: refused by the stand-in\n\nERR_NGROK_{refuse}\n",
                        103,
                    )
                if not upstream:
                    return self.fail(400, "Invalid endpoint configuration", "upstream is required", 102)
                if name in agent.tunnels:
                    return self.fail(400, "Failed to start tunnel", f"tunnel {name} already exists", 102)
                t = agent.tunnels[name] = Tunnel(agent, name, upstream, data.get("inspect", True) is not False, data)
                log("info", "started tunnel", obj="tunnels", name=name, addr=t.upstream, url=t.public_url)
                return self.reply(201, show(t, True))
            t = agent.tunnels.get(name)
            if t is None:
                return self.fail(404, "tunnel not found", f"no tunnel named {name}", 101)
            if verb == "GET":
                return self.reply(200, show(t, True))
            if verb == "DELETE":
                agent.tunnels.pop(name).close()
                log("info", "stopped tunnel", obj="tunnels", name=name)
                return self.reply(204)
        self.fail(405, "method not allowed", verb)

    def request_routes(self, verb, rid, data, query):
        agent = self.agent
        with agent.lock:
            caps = list(agent.captures)
        if verb == "GET" and not rid:
            want = query.get("tunnel_name", [None])[0]
            caps = [c for c in caps if want in (None, c["tunnel_name"])]
            return self.reply(200, {"uri": "/api/requests/http", "requests": caps[: int(query.get("limit", [50])[0])]})
        if verb == "DELETE" and not rid:
            with agent.lock:
                agent.captures.clear()
            return self.reply(204)
        if verb == "POST" and not rid:
            rid = data.get("id")
        cap = next((c for c in caps if c["id"] == rid), None)
        if cap is None:
            return self.fail(404, "request not found", str(rid))
        if verb == "GET":
            return self.reply(200, cap)
        t = agent.tunnels.get(data.get("tunnel_name") or cap["tunnel_name"])
        if t is None:
            return self.fail(404, "tunnel not found", cap["tunnel_name"])
        req = cap["request"]
        body = base64.b64decode(req["raw"]).split(b"\r\n\r\n", 1)[1]
        send(
            t,
            req["method"],
            req["uri"],
            [(k, v) for k, vs in req["headers"].items() for v in vs],
            body,
            cap["remote_addr"],
        )
        self.reply(204)


NO_TOKEN = (
    "Usage of ngrok requires a verified account and authtoken.\n\nSign up for an account: "
    "https://dashboard.ngrok.com/signup\nInstall your authtoken: "
    "https://dashboard.ngrok.com/get-started/your-authtoken\r\n\r\nERR_NGROK_4018\r\n"
)
BAD_TOKEN = (
    "The authtoken you specified does not look like a proper ngrok authtoken.\nYour authtoken: {}\n"
    "\r\n\r\nERR_NGROK_105\r\n"
)
LIMIT = "Your account is limited to 1 simultaneous ngrok agent sessions.\r\n\r\nERR_NGROK_108\r\n"


def refuse_session(err):
    log("eror", "failed to reconnect session", obj="tunnels.session", err=err)
    log("info", "received stop request", obj="app")
    log("eror", "terminating with error", obj="app", err=err)
    log("crit", "command failed", err="authentication failed: " + err)
    return 1


def start(args):
    mode = os.environ.get("FAKE_NGROK_MODE", "ok")
    config_path = opt(args, "--config", default_config())
    cfg = read_config(config_path)
    token = opt(args, "--authtoken") or os.environ.get("NGROK_AUTHTOKEN") or cfg.get("authtoken")
    web = cfg.get("web_addr") or os.environ.get("FAKE_NGROK_WEB_ADDR", "127.0.0.1:0")
    log("info", "open config file", path=config_path, err="nil")
    if mode == "crash":
        log("crit", "command failed", err="the stand-in was told to crash")
        return 1
    if mode == "hang":
        time.sleep(3600)
        return 1
    agent = Agent()
    host, port = web.rsplit(":", 1)
    server = Server((host, int(port)), type("A", (Api,), {"agent": agent}))
    log("info", "starting web service", obj="web", addr=f"{host}:{server.server_port}", allow_hosts="[]")
    if mode == "no_network":
        for n in itertools.count():
            log(
                "eror",
                "failed to reconnect session",
                obj="tunnels.session",
                err='failed to dial ngrok server with address "connect.ngrok-agent.com:443": '
                "dial tcp: lookup connect.ngrok-agent.com: no such host",
            )
            time.sleep(min(0.25 * 2**n, 30))
    if mode == "bad_token":
        return refuse_session(BAD_TOKEN.format(token or ""))
    if mode == "unverified":
        return refuse_session(NO_TOKEN)
    if mode == "session_limit":
        return refuse_session(LIMIT)
    if not token and os.environ.get("FAKE_NGROK_NEED_TOKEN", "1") != "0":
        return refuse_session(NO_TOKEN)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    log("info", "client session established", obj="tunnels.session")
    log("info", "tunnel session started", obj="tunnels.session")

    def leave(*a):
        log("info", "received stop request", obj="app")
        os._exit(0)  # at once: the listeners close with the process

    for s in (signal.SIGTERM, signal.SIGINT):
        signal.signal(s, leave)
    while True:
        time.sleep(3600)


def main(argv):
    if argv[:1] in (["--version"], ["version"], ["-v"]):
        print("ngrok version " + VERSION)
        return 0
    if argv[:1] == ["start"]:
        return start(argv[1:])
    if argv[:2] in (["config", "add-authtoken"], ["config", "add-api-key"]) and len(argv) > 2:
        path = opt(argv, "--config", default_config())
        key, what = ("authtoken", "Authtoken") if argv[1] == "add-authtoken" else ("api_key", "API key")
        write_config(path, key, argv[2])
        print(f"{what} saved to configuration file: {path}")
        return 0
    if argv[:1] == ["update"]:
        print("No update available, this is the latest version.")
        return 0
    if "api" in argv[:3]:
        if not opt(argv, "--api-key") and "api_key" not in read_config(opt(argv, "--config", default_config())):
            print("ERROR:  an API key is required to use 'ngrok api'")
            return 1
        print(f'200 OK\n{{"fake": true, "args": {json.dumps(argv)}}}')
        return 0
    print("unknown command: " + " ".join(argv), file=sys.stderr)
    return 2


def program():
    """The agent: what `install` puts in its place."""
    try:
        sys.exit(main(sys.argv[1:]))
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)


def install(path):
    """Put the stand-in where pyngrok looks for ngrok's agent."""
    source = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom {__name__} import program\nprogram()\n"
    path.write_text(f"#!{sys.executable}\n{source}", encoding="utf-8")
    path.chmod(0o755)
