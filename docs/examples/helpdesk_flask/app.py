"""A help desk: tickets become tasks, and workers accept them unless it is lunch time."""

import json
import os

from flask import Flask, abort, jsonify, request
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client


def create_app(workspace_sid, lunch_activity_sid, at_lunch=()):
    """Make the application; at_lunch: SIDs of workers who are not to be given anything now."""
    app = Flask(__name__)

    @app.post("/tickets")
    def ticket():
        workspace = Client().taskrouter.v1.workspaces(workspace_sid)
        try:
            task = workspace.tasks.create(attributes=json.dumps(request.get_json()))
        except TwilioRestException as refused:
            return jsonify(error=f"try again later: {refused.msg}"), 503
        return jsonify(ticket=task.sid), 201

    @app.post("/assignment")
    def assignment():
        signature = request.headers.get("X-Twilio-Signature", "")
        if not RequestValidator(os.environ["TWILIO_AUTH_TOKEN"]).validate(request.url, request.form, signature):
            abort(403)
        if request.form["WorkerSid"] in at_lunch:
            return jsonify(instruction="reject", activity_sid=lunch_activity_sid)
        return jsonify(instruction="accept")

    @app.post("/events")
    def events():
        return "", 204

    return app
