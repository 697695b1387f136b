"""The operations of the voice side against Twilio's own OpenAPI document (voice.md §5)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskrouter_sandbox.http.openapi import document
from taskrouter_sandbox.http.resources import voice

FACTS = json.loads((Path(__file__).parent / "data" / "voice_facts.json").read_text())["operations"]
OURS = {operation.id: operation for operation in voice.OPERATIONS}
DOCUMENT = document(voice.OPERATIONS, "http://here")
MACHINES_AND_SOUND = (
    "AmdStatusCallback", "AsyncAmd", "Byoc", "CallReason", "CallToken", "CallerDisplayName", "ClientNotificationUrl",
    "ConferenceRecord", "ConferenceTrim", "JitterBufferSize", "MachineDetection", "Record", "Region", "Sip", "Trim",
)  # fmt: skip
OTHER_MATTERS = ("AccountSid", "AddressSid", "ApiVersion", "BundleSid", "Emergency", "IdentitySid", "TrunkSid",
                 "VoiceReceiveMode")  # fmt: skip
OF_SERVICES_AND_CHANNELS = (
    "AddressRetention", "Attempt", "Content", "FallbackFrom", "ForceDelivery", "MaxPrice", "PersistentAction",
    "ProvideFeedback", "RiskCheck", "ScheduleType", "SendA", "ShortenUrls", "SmartEncoded", "TrafficType",
    "ValidityPeriod",
)  # fmt: skip


def schema(of: dict) -> dict:
    return DOCUMENT["components"]["schemas"][of["$ref"].rpartition("/")[2]] if "$ref" in of else of


def test_the_operations_are_twilios_thirty_eight():
    assert OURS.keys() == FACTS.keys()
    assert len(FACTS) == 38


@pytest.mark.parametrize("name", FACTS)
def test_an_operation_is_as_twilio_declares_it(name):
    theirs, operation = FACTS[name], OURS[name]
    path = theirs["path"].replace("/Accounts/{Sid}", "/Accounts/{AccountSid}")
    assert (operation.method, operation.path, operation.status) == (theirs["method"], path, theirs["status"])
    declared = DOCUMENT["paths"][operation.path][operation.method.lower()]
    if theirs["keys"]:
        answer = schema(declared["responses"][str(theirs["status"])]["content"]["application/json"]["schema"])
        if theirs["list"]:
            assert sorted(set(answer["properties"]) - {theirs["list"]}) == theirs["envelope"]
            answer = schema(answer["properties"][theirs["list"]]["items"])
        added = {"annotation"} if name.endswith("Call") else set()  # voice.md §5.2
        assert sorted(set(answer["properties"]) - added) == theirs["keys"]


@pytest.mark.parametrize("name", FACTS)
def test_parameters_are_twilios_and_only_what_makes_no_difference_here_is_not_read(name):
    operation = OURS[name]
    declared = DOCUMENT["paths"][operation.path][operation.method.lower()]
    ours = {one["name"] for one in declared["parameters"] if one["in"] == "query"}
    if "requestBody" in declared:
        (body,) = declared["requestBody"]["content"].values()
        ours |= set(schema(body["schema"])["properties"])
    theirs = set(FACTS[name]["parameters"])
    added = {"FriendlyName"} if name == "ListQueue" else set()  # voice.md §5.1
    assert ours - theirs == added
    missing = {one for one in theirs - ours if "Record" not in one}
    unread = {
        one for one in missing if not one.startswith(MACHINES_AND_SOUND + OTHER_MATTERS + OF_SERVICES_AND_CHANNELS)
    }
    assert unread == set()
