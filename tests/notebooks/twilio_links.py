"""The pages of Twilio's documentation that the lessons link to. Each was found to exist on 2026-11-28."""

from __future__ import annotations

DOCS = "https://www.twilio.com/docs"
KNOWN = {
    DOCS + path
    for path in (
        "/api/errors/20404",
        "/api/errors/20429",
        "/iam/access-tokens",
        "/taskrouter",
        "/taskrouter/api/activity",
        "/taskrouter/api/event",
        "/taskrouter/api/reservations",
        "/taskrouter/api/task",
        "/taskrouter/api/task-queue",
        "/taskrouter/api/taskqueue-statistics",
        "/taskrouter/api/worker",
        "/taskrouter/api/worker-channel",
        "/taskrouter/api/workspace",
        "/taskrouter/expression-syntax",
        "/taskrouter/handle-assignment-callbacks",
        "/taskrouter/how-taskrouter-works",
        "/taskrouter/js-sdk",
        "/taskrouter/lifecycle-task-state",
        "/taskrouter/multitasking",
        "/taskrouter/quickstart/python/twiml-dequeue-call",
        "/taskrouter/workflow-configuration",
        "/usage/monitor-alert",
        "/usage/rest-api-best-practices",
        "/usage/webhooks/webhooks-security",
        "/voice/twiml",
        "/voice/twiml/conference",
        "/voice/twiml/enqueue",
        "/voice/twiml/gather",
    )
}
