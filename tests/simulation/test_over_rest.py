"""A rehearsal decides what the sandbox decides over REST, with the same people and the same workers."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from helpers.sandbox import LessonSandbox
from taskrouter_sandbox import snapshot
from taskrouter_sandbox.simulation import rehearse
from tests.simulation.days import calls, team

TICK, AFTER, TALK, PATIENCE, END = 10, 25, 200, 160, 900  # seconds
# who speaks what comes when; Alice alone speaks Spanish
COMES = [(0, "es"), (60, "es"), (120, "es"), (180, "en"), (300, "es"), (310, "es"), (430, "en")]


class OverRest:
    """The same day, played by a program that speaks to the sandbox with the twilio client."""

    def __init__(self, client: Client, sandbox: LessonSandbox) -> None:
        self.workspace = snapshot.create(client, team())
        self.clock, self.began = sandbox.clock, sandbox.clock.now()
        self.queues: dict[str, list[str]] = {}  # by task SID: which it was in
        self.worker: dict[str, str] = {}  # who has accepted it
        self.status: dict[str, str] = {}
        self.talks: dict[str, float] = {}  # until when
        self.idle = next(each.sid for each in self.workspace.activities.list() if each.friendly_name == "Idle")

    @property
    def now(self) -> float:
        return (self.clock.now() - self.began).total_seconds()

    def play(self) -> list[tuple[list[str], str | None, str]]:
        flow = self.workspace.workflows.list()[0].sid
        coming = list(COMES)
        came: dict[str, float] = {}
        for tick in range(0, END, TICK):
            if tick > self.now:
                self.clock.advance(seconds=tick - self.now)
            self.look()
            self.end_talks(tick)
            self.answer()
            for sid, at in came.items():
                if tick >= at + PATIENCE and self.status[sid] in ("pending", "reserved"):
                    self.workspace.tasks(sid).update(assignment_status="canceled", reason="hung up")
            while coming and coming[0][0] <= tick:
                at, language = coming.pop(0)
                task = self.workspace.tasks.create(workflow_sid=flow, attributes=f'{{"language": "{language}"}}')
                came[task.sid] = at
            self.look()
        return [(self.queues[sid], self.worker.get(sid), self.status[sid]) for sid in came]

    def look(self) -> None:
        for task in self.workspace.tasks.list():
            queues = self.queues.setdefault(task.sid, [])
            if task.task_queue_friendly_name not in queues:
                queues.append(task.task_queue_friendly_name)
            self.status[task.sid] = task.assignment_status

    def answer(self) -> None:
        for worker in self.workspace.workers.list():
            for one in worker.reservations.list(reservation_status="pending"):
                if (self.clock.now() - one.date_created).total_seconds() >= AFTER:
                    one.update(reservation_status="accepted")
                    self.worker[one.task_sid] = worker.friendly_name
                    self.talks[one.task_sid] = (one.date_created - self.began).total_seconds() + AFTER + TALK

    def end_talks(self, tick: float) -> None:
        names = {each.friendly_name: each for each in self.workspace.workers.list()}
        for sid in [sid for sid, end in self.talks.items() if tick >= end]:
            del self.talks[sid]
            self.workspace.tasks(sid).update(assignment_status="completed")
            names[self.worker[sid]].update(activity_sid=self.idle)


def test_escalation_goes_as_the_sandbox_decides_over_rest(client: Client, sandbox: LessonSandbox) -> None:
    classes: list[Any] = [
        calls(
            name=language,
            attributes={"language": language},
            recorded=[{"at": at} for at, spoken in COMES if spoken == language],
            talk=TALK,
            patience=PATIENCE,
        )
        for language in ("es", "en")
    ]
    day = {"classes": classes, "answers": {"after": AFTER}}
    rehearsed = sorted(rehearse(team(), day, seed=0).tasks, key=lambda each: each.came)
    decided = [(t.queues, t.worker, "completed" if t.answered else "canceled") for t in rehearsed]
    assert {len(queues) for queues, _, _ in decided} == {1, 2}
    assert {worker for _, worker, _ in decided} == {"Alice", "Bob", None}
    over_rest = OverRest(client, sandbox)
    as_read = snapshot.read(client, over_rest.workspace.sid)
    assert over_rest.play() == decided
    assert rehearse(as_read, day, seed=0).tasks == rehearse(team(), day, seed=0).tasks
