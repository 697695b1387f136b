#!/usr/bin/env bash
# What people guess: a list of events is written as such a list in TwiML (names with blanks between), since the REST
# side of the same library takes the same list for the same parameter (`calls.create(status_callback_event=[...])`),
# and Twilio's library for Node takes an array in both places.
#
# What really happens: twilio-python writes the list's Python text into the attribute, brackets, quotes and commas:
# `statusCallbackEvent="['start', 'end']"`. Nothing is raised. It is so for every such attribute (`Conference`,
# `Number`, the `input` and `hints` of `Gather`). A text with blanks is what it needs.
#
# Why it matters: split at its blanks, that attribute holds no event's name, while the TwiML as a whole stays well
# formed and the call goes on. A program moved over from Node, or a list moved from the REST call into the TwiML, asks
# for status callbacks of a conference or of an agent's leg that are not the ones meant.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install twilio==9.13.0
npm install --silent --no-audit --no-fund --prefix . twilio@6.3.1 >/dev/null
cat >try.py <<'PY'
import importlib.metadata

from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

EVENTS = ["start", "end"]


class Sent(HttpClient):
    """Keep the parameters of the last request, and answer with an empty resource."""

    def __init__(self):
        self.data = {}

    def request(self, method, url, params=None, data=None, **_):
        self.data = data
        return Response(201, "{}")


sent = Sent()
Client("AC" + "0" * 32, "token", http_client=sent).calls.create(
    to="+15005550006", from_="+15005550006", twiml="<Response/>", status_callback_event=["initiated", "answered"]
)
response = VoiceResponse()
response.dial().conference("room", status_callback_event=EVENTS)
response.gather(input=["speech", "dtmf"])
text = str(response).partition("?>")[2]
print("twilio-python", importlib.metadata.version("twilio"))
print("  REST:", sent.data["StatusCallbackEvent"])
print("  TwiML:", text)
assert sent.data["StatusCallbackEvent"] == ["initiated", "answered"], sent.data
assert """statusCallbackEvent="['start', 'end']\"""" in text and """input="['speech', 'dtmf']\"""" in text, text
PY
cat >try.js <<'JS'
const assert = require("assert");
const twilio = require("twilio");
const response = new twilio.twiml.VoiceResponse();
response.dial().conference({ statusCallbackEvent: ["start", "end"] }, "room");
response.gather({ input: ["speech", "dtmf"] });
const text = response.toString().split("?>")[1];
console.log(`twilio-node ${require("twilio/package.json").version}\n  TwiML: ${text}`);
assert(text.includes('statusCallbackEvent="start end"') && text.includes('input="speech dtmf"'), text);
JS
v/bin/python try.py
node try.js
# Seen:
#   twilio-python 9.13.0
#     REST: ['initiated', 'answered']
#     TwiML: <Response><Dial><Conference statusCallbackEvent="['start', 'end']">room</Conference></Dial><Gather input="['speech', 'dtmf']" /></Response>
#   twilio-node 6.3.1
#     TwiML: <Response><Dial><Conference statusCallbackEvent="start end">room</Conference></Dial><Gather input="speech dtmf"/></Response>
