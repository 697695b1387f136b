"""What the checkpoints of notebooks 02 and 03 look at, and the code that they recommend."""

from __future__ import annotations

from dataclasses import dataclass

from twilio.rest import Client

from helpers.connection.instances import ReservationInstance, TaskInstance, WorkspaceInstance
from helpers.lesson.checkpoints.callback_outcome import CallbackOutcome, find_outcome
from helpers.lesson.checkpoints.lookups import get_task, get_workflow, get_workspace

PATH = "/assignment_callback"
GO_OFFLINE = 'alice = alice.update(activity_sid=team.activities["Offline"].sid)'
CLICK_IDLE = 'alice = alice.update(activity_sid=team.activities["Idle"].sid)'
SET_ADDRESS = 'workflow = team.workflow.update(assignment_callback_url=f"{public_url}/assignment_callback")'
NO_ADDRESS = 'workflow = team.workflow.update(assignment_callback_url="")'
SERVE_AGAIN = f"server = serve(app, port)\npublic_url = expose(server)\n{SET_ADDRESS}"

ONCE_MORE = "Then run the cell that creates the task once more, and click Idle."


@dataclass(frozen=True)
class Scene:
    """What a checkpoint looks at: the workspace, the task of the lesson, and how the lesson wants it answered.

    app: the code of the app whose answer the lesson wants at this point; empty where it wants TaskRouter to ask nobody;
    again: what there is to do for the scene to be played once more.
    """

    client: Client
    workspace: WorkspaceInstance
    task: TaskInstance
    app: str = ""
    again: str = ONCE_MORE

    @classmethod
    def find(cls, client: Client, lesson: str, app: str = "") -> Scene:
        """Find the workspace and the task of this lesson, "02" or "03". Raises what `get_task` raises."""
        workspace = get_workspace(client)
        return cls(client, workspace, get_task(workspace, lesson), app)

    def reservations(self) -> list[ReservationInstance]:
        """List the task's reservations, the newest last."""
        return sorted(self.task.reservations.list(), key=lambda one: one.date_created)

    def outcome(self, reservation: ReservationInstance) -> CallbackOutcome:
        """Find out what came of asking about a reservation."""
        return find_outcome(self.client, get_workflow(self.workspace), reservation)

    def app_hints(self, hint: str) -> tuple[str, ...]:
        """Begin with this hint, and go on to what is to be run."""
        return hint, f"Run the cell with the app again. {self.again}"


def cancel_others(task: TaskInstance) -> str:
    """Write the code that cancels every waiting task but this one."""
    return f"""\
for other in workspace.tasks.list(assignment_status="pending"):
    if other.sid != "{task.sid}":
        other.update(assignment_status="canceled", reason="In the way")"""
