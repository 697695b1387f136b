"""Why a document of the learner's has connected nobody: one that the agent hears, or one that the caller is sent to."""

from __future__ import annotations

from helpers.connection.instances import CallInstance
from helpers.connection.vocabulary import UNANSWERED_CALL_STATUSES
from helpers.lesson.checkpoints.call_scene import NOT_REACHED, CallScene, alert_of, rings
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet


def explain_agent_document(scene: CallScene, call: CallInstance) -> Unmet:
    """Say why the agent, who has answered, is not connected with the caller by what she hears (voice.md §4.3)."""
    alert = alert_of(scene.client, call.sid)
    if alert is not None:
        return NotRight(
            f"Alice has answered, and the document that she hears fails: {alert}.",
            hints=(
                "`url` is the whole address: `public_url`, the document's path, and the query with the reservation.",
                f"Change the answer, and run its cell again. {scene.again}",
            ),
            solution=scene.app,
        )
    if call.status == "in-progress":
        return NotYet(
            "Alice listens to what your document says. Run this cell again.",
            hints=("She is connected when it comes to `Queue`.", "Does she hear something else? Then look at `url`."),
            solution=scene.app,
        )
    return NotRight(
        "Alice's call is over, and nobody was connected: the document that she heard did not come to its `Queue`.",
        hints=(
            "Either she hung up before, or `url` leads to another document than `before_the_talk`.",
            f"Compare the address letter by letter. {scene.again}",
        ),
        solution=scene.app,
    )


def explain_caller_document(scene: CallScene) -> CallInstance:
    """Give the call to Alice that the caller's document has made (voice.md §4.4).

    Raises what there is to say when there is none, or Alice has not answered it.
    """
    made: list[CallInstance] = scene.client.calls.list(parent_call_sid=scene.caller.sid, limit=1)
    if not made:
        alert = alert_of(scene.client, scene.caller.sid)
        if alert is None and scene.waits:
            raise NotYet("the caller is on the way to your document. Run this cell again.", hints=("Wait a moment.",))
        why = alert or "the caller hung up, or `url` leads to another document than `to_alice`"
        raise NotRight(
            f"the caller's document has called nobody: {why}.",
            hints=(
                "`url` is the whole address of the document: `public_url`, and the path `/to_alice`.",
                f"The task is Alice's all the same: `accept` does not wait for the document. {scene.again}",
            ),
            solution=scene.app,
        )
    [call] = made
    if call.status in UNANSWERED_CALL_STATUSES:
        raise rings(call)
    if call.status in NOT_REACHED:
        what = NOT_REACHED[call.status].what
        raise NotRight(
            f"Alice's phone ({call.to}) {what}, and the task is hers all the same: `accept` did not wait.",
            hints=("With `redirect`, your document has to say what happens when nobody answers.", scene.again),
            solution=scene.app,
        )
    return call
