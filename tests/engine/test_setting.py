"""Setting a workspace up, changing and clearing it, against `rest-contract.md §7, §8, §9, §12, §15`."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.engine.model.limits import WorkspaceLimits
from tests.engine.stage import START, Stage, filter_, routing, step


def fresh(**settings) -> WorkspaceEngine:
    sids = iter(range(1, 100))
    return WorkspaceEngine.create(
        START, "AC" + "0" * 32, lambda letters: f"{letters}{next(sids):032x}", friendly_name="W", **settings
    )


# §7 what a workspace comes with


def test_7_a_new_workspace():
    engine = fresh()
    state, workspace = engine.state, engine.workspace
    activities = [(a.friendly_name, a.available) for a in state.activities.values()]
    assert activities == [("Offline", False), ("Available", True), ("Unavailable", False)]
    offline = next(iter(state.activities))
    assert workspace.default_activity_sid == workspace.timeout_activity_sid == offline
    assert (workspace.multi_task_enabled, workspace.prioritize_queue_order) == (True, "FIFO")
    assert (workspace.event_callback_url, workspace.events_filter) == ("", None)
    channels = [(c.unique_name, c.friendly_name, c.channel_optimized_routing) for c in state.task_channels.values()]
    assert channels == [
        ("default", "Default", False),
        ("voice", "Voice", False),
        ("sms", "SMS", False),
        ("video", "Video", False),
        ("chat", "Programmable Chat", False),
    ]
    assert not any((state.task_queues, state.workflows, state.workers))


def test_7_the_fifo_template_brings_a_queue_and_a_workflow():
    state = fresh(template="FIFO").state
    (queue,), (workflow,) = state.task_queues.values(), state.workflows.values()
    assert (queue.friendly_name, queue.target_workers, queue.max_reserved_workers, queue.task_order) == (
        "Sample Queue",
        "1==1",
        1,
        "FIFO",
    )
    assert (workflow.friendly_name, workflow.task_reservation_timeout) == ("Default Fifo Workflow", 120)
    assert workflow.parsed[-1].queue_sids() == {queue.sid}


def test_7_every_worker_has_a_channel_for_each_task_channel(stage: Stage):
    worker = stage.worker("Alice")
    extra = stage.engine.task_channels.create(stage.now, friendly_name="Extra", unique_name="extra")
    assert list(worker.channels) == list(stage.state.task_channels)
    assert {(c.configured_capacity, c.available) for c in worker.channels.values()} == {(1, True)}
    stage.engine.task_channels.delete(stage.now, extra)
    assert list(worker.channels) == list(stage.state.task_channels)
    assert len(stage.state.worker_channels) == 5


# §8 what cannot be deleted


@pytest.mark.parametrize("used_by", ["default", "timeout", "worker", "queue"])
def test_8_an_activity_in_use(stage: Stage, used_by: str):
    activity = stage.activity("Lunch")
    match used_by:
        case "default" | "timeout":
            stage.engine.update(stage.now, **{f"{used_by}_activity_sid": activity.sid})
        case "worker":
            stage.worker("Alice", activity)
        case "queue":
            stage.queue(assignment_activity_sid=activity.sid)
    with pytest.raises(TaskRouterError, match="Cannot delete activity Lunch"):
        stage.engine.activities.delete(stage.now, activity)
    assert activity.sid in stage.state.activities


@pytest.mark.parametrize("status", ["pending", "reserved", "assigned", "completed"])
def test_8_a_workflow_with_waiting_tasks(stage: Stage, status: str):
    workflow = stage.workflow(default=stage.queue())
    worker = stage.worker("Alice", stage.offline)
    task = stage.task()
    if status != "pending":
        stage.move(worker, stage.idle)
    if status in ("assigned", "completed"):
        stage.accept(task)
    if status == "completed":
        stage.complete(task)
    if status in ("pending", "reserved"):
        with pytest.raises(TaskRouterError, match=f"still controls task {task.sid}, which is {status}: .* first"):
            stage.engine.workflows.delete(stage.now, workflow)
        return
    stage.engine.workflows.delete(stage.now, workflow)
    if status == "assigned":
        stage.complete(task)  # goes on without it
    assert task.assignment_status == "completed"


@pytest.mark.parametrize("status", ["pending", "assigned", "completed"])
def test_8_a_queue_with_tasks(stage: Stage, status: str):
    queue = stage.queue()
    worker = stage.worker("Alice", stage.offline)
    task = stage.task(task_queue_sid=queue.sid)
    if status != "pending":
        stage.move(worker, stage.idle)
        stage.accept(task)
    if status == "completed":
        stage.complete(task)
        stage.engine.task_queues.delete(stage.now, queue)
        assert worker.queues == []
        stage.pass_(300)  # the task goes after its queue
        assert not stage.state.tasks
        return
    first = "cancel it first" if status == "pending" else "complete it first"  # it has no workflow that moves it
    with pytest.raises(TaskRouterError, match=rf"tasks are still processed in it.*is {status}: {first}\.$"):
        stage.engine.task_queues.delete(stage.now, queue)


def test_8_what_is_advised_for_a_waiting_task_was_not_done_already(stage: Stage):
    old, new = stage.queue("Old"), stage.queue("New")
    workflow = stage.workflow(default=old)
    stage.task()
    elsewhere = routing(filter_("a == 1", step(new)))
    for re_evaluate_tasks in (False, True):  # it takes the task neither way
        stage.engine.workflows.update(stage.now, workflow, configuration=elsewhere, re_evaluate_tasks=re_evaluate_tasks)
        with pytest.raises(TaskRouterError, match="cancel it first, or add a filter or a default_filter that takes it"):
            stage.engine.task_queues.delete(stage.now, old)
    stage.engine.workflows.update(stage.now, workflow, configuration=routing(default=new))
    with pytest.raises(TaskRouterError, match="cancel it first, or update its workflow with ReEvaluateTasks=true"):
        stage.engine.task_queues.delete(stage.now, old)
    stage.engine.workflows.update(stage.now, workflow, re_evaluate_tasks=True)
    stage.engine.task_queues.delete(stage.now, old)


def test_8_what_is_advised_for_a_task_that_is_being_transferred(stage: Stage):
    home, other, new = stage.queue("Home"), stage.queue("Other", target_workers="senior == true"), stage.queue("New")
    workflow = stage.workflow(default=home)
    stage.worker("Alice")
    task = stage.task()
    stage.engine.transfers.create(stage.now, stage.accept(task), other.sid)
    stage.engine.workflows.update(
        stage.now, workflow, configuration=routing(default=new), re_evaluate_tasks=True
    )  # which moves no task that is on its way to somebody else
    with pytest.raises(TaskRouterError, match="cancel it first, or wait until its transfer has ended"):
        stage.engine.task_queues.delete(stage.now, home)
    stage.worker("Bob", senior=True)
    stage.accept(next(each for each in task.open.values() if each.reservation_status == "pending"))
    stage.engine.task_queues.delete(stage.now, home)


def test_8_what_else_such_a_task_uses_is_advised_the_same(stage: Stage):
    home, other = stage.queue("Home"), stage.queue("Other", target_workers="senior == true")
    workflow = stage.workflow(default=home)
    stage.worker("Alice")
    task = stage.task(task_channel="voice")
    stage.engine.transfers.create(stage.now, stage.accept(task), other.sid)
    resources, channel = stage.engine, stage.state.task_channels[task.task_channel_sid]
    for delete, used in ((resources.workflows.delete, workflow), (resources.task_channels.delete, channel)):
        with pytest.raises(TaskRouterError, match="is pending: cancel it first, or wait until its transfer has ended"):
            delete(stage.now, used)


def test_8_the_queue_of_a_reserved_task_says_what_comes_first(stage: Stage):
    queue = stage.queue()
    stage.worker("Alice")
    stage.task(task_queue_sid=queue.sid)
    with pytest.raises(TaskRouterError, match="is reserved: answer its reservation first"):
        stage.engine.task_queues.delete(stage.now, queue)


def test_8_the_default_channel_and_one_in_use(stage: Stage):
    stage.workflow(default=stage.queue())
    default, voice, *_ = stage.state.task_channels.values()
    with pytest.raises(TaskRouterError, match="default TaskChannel cannot be deleted"):
        stage.engine.task_channels.delete(stage.now, default)
    task = stage.task(task_channel="voice")
    with pytest.raises(TaskRouterError, match=f"tasks use it. {task.sid} is pending: cancel it first"):
        stage.engine.task_channels.delete(stage.now, voice)
    stage.engine.tasks.update(stage.now, task, assignment_status="canceled")
    with pytest.raises(TaskRouterError, match="is canceled: delete it first, or wait until it goes by itself"):
        stage.engine.task_channels.delete(stage.now, voice)
    stage.engine.tasks.delete(stage.now, task)
    stage.engine.task_channels.delete(stage.now, voice)


def test_8_a_workspace_takes_everything_along(stage: Stage):
    stage.workflow(default=stage.queue())
    stage.worker("Alice")
    stage.task()
    kept = [sid for table in stage.state.tables.values() for sid in table]
    stage.forget()
    stage.engine.delete(stage.now)
    deleted = stage.engine.drain().deleted
    assert set(kept) | {stage.engine.workspace.sid} == set(deleted)
    assert stage.engine.next_due() is None


# §9, §15 names


@pytest.mark.parametrize("kind", ["activity", "queue", "workflow", "worker", "channel"])
def test_15_names_that_are_taken(stage: Stage, kind: str):
    engine, now = stage.engine, stage.now
    makers = {
        "activity": lambda name: engine.activities.create(now, friendly_name=name),
        "queue": lambda name: engine.task_queues.create(now, friendly_name=name),
        "workflow": lambda name: stage.workflow(name=name),
        "worker": lambda name: engine.workers.create(now, friendly_name=name),
        "channel": lambda name: engine.task_channels.create(now, friendly_name="X", unique_name=name),
    }
    makers[kind]("Same")
    if kind == "worker":  # §11.4: in the service's words
        for name in ("Same", "sAME"):
            with pytest.raises(TaskRouterError, match=r"^Worker with the same friendly name already exists$"):
                makers[kind](name)
    else:
        with pytest.raises(TaskRouterError, match="named Same already exists for workspace"):
            makers[kind]("Same")
        makers[kind]("same")


def test_9_a_name_can_be_kept_and_is_free_again_after_a_change(stage: Stage):
    worker = stage.worker("Alice")
    stage.engine.workers.update(stage.now, worker, friendly_name="ALICE")
    stage.engine.workers.update(stage.now, worker, friendly_name="Bob")
    other = stage.worker("Alice", stage.offline)
    with pytest.raises(TaskRouterError):
        stage.engine.workers.update(stage.now, other, friendly_name="bob")
    stage.engine.workers.delete(stage.now, other)
    stage.worker("Alice")


# §9 updates


def test_9_4_activities_can_be_taken_off_a_queue(stage: Stage):
    queue = stage.moving_queue()
    stage.engine.task_queues.update(
        stage.now, queue, reservation_activity_sid="", assignment_activity_sid=stage.idle.sid
    )
    assert (queue.reservation_activity_sid, queue.assignment_activity_sid) == (None, stage.idle.sid)


@pytest.mark.parametrize(
    "settings",
    [
        {"target_workers": "languages HASS 'es'"},
        {"reservation_activity_sid": "WA" + "f" * 32},
        {"friendly_name": "Taken"},
    ],
)
def test_9_4_a_refused_update_changes_nothing(stage: Stage, settings: dict):
    stage.queue("Taken")
    queue = stage.queue("Q1")
    before = (queue.friendly_name, queue.target_workers, queue.reservation_activity_sid, queue.max_reserved_workers)
    stage.forget()
    with pytest.raises(TaskRouterError):
        stage.engine.task_queues.update(stage.now, queue, max_reserved_workers=5, **settings)
    after = (queue.friendly_name, queue.target_workers, queue.reservation_activity_sid, queue.max_reserved_workers)
    assert after == before
    assert not stage.engine.drain()


def test_9_4_a_refused_configuration_leaves_the_old_one(stage: Stage):
    workflow = stage.workflow(default=stage.queue())
    before = workflow.configuration
    with pytest.raises(TaskRouterError):
        stage.engine.workflows.update(stage.now, workflow, configuration='{"task_routing": 1}')
    assert workflow.configuration == before
    assert stage.task().assignment_status == "pending"


def test_9_1_the_channel_of_a_task_changes_only_while_nobody_is_reserved(stage: Stage):
    stage.workflow(default=stage.queue())
    worker = stage.worker("Alice", stage.offline)
    task = stage.task()
    stage.engine.tasks.update(stage.now, task, task_channel="chat")
    stage.move(worker, stage.idle)
    assert stage.the(task).task_channel_sid == task.task_channel_sid
    with pytest.raises(TaskRouterError, match="cannot change while a worker is reserved"):
        stage.engine.tasks.update(stage.now, task, task_channel="voice")
    with pytest.raises(TaskRouterError, match="TaskChannel mail does not exist"):
        stage.task(task_channel="mail")


# §12 limits


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ('{"a": "' + "x" * 4_087 + '"}', None),
        ('{"a": "' + "x" * 4_088 + '"}', "has 4097 characters; at most 4096"),
        ("[1]", "must be a JSON object"),
        ("{", "is not valid JSON"),
        ('{"a": NaN}', "NaN is not JSON"),
    ],
)
def test_12_attributes(stage: Stage, attributes: str, said: str | None):
    stage.workflow(default=stage.queue())
    for create in (
        lambda: stage.engine.tasks.create(stage.now, attributes=attributes),
        lambda: stage.engine.workers.create(stage.now, friendly_name="Alice", attributes=attributes),
    ):
        if said is None:
            create()
        else:
            with pytest.raises(TaskRouterError, match=said):
                create()


def test_12_a_hundred_activities(stage: Stage):
    for i in range(len(stage.state.activities), 100):
        stage.activity(f"A{i}")
    with pytest.raises(TaskRouterError, match="at most 100 activities"):
        stage.activity("One more")


def test_12_the_size_of_a_configuration(stage: Stage):
    with pytest.raises(TaskRouterError, match="larger than 1038576 bytes"):
        stage.workflow(filter_("1==1", step(stage.queue()), name="x" * 1_038_576))


def test_1_1_every_change_counts_a_version_and_sets_the_date(stage: Stage):
    worker = stage.worker("Alice")
    stage.pass_(5)
    stage.engine.workers.update(stage.now, worker, friendly_name="Bob")
    assert (worker.version, worker.date_updated, worker.date_created) == (1, stage.now, START)
    assert worker.date_status_changed == START
    stage.move(worker, stage.busy)
    assert worker.date_status_changed == stage.now


def test_a_clock_that_goes_back_stands_still(stage: Stage):
    stage.workflow(default=stage.queue())
    stage.pass_(60)
    task = stage.engine.tasks.create(stage.now - 30_000)
    assert task.date_created == stage.now


@pytest.mark.parametrize(
    ("limits", "resource"),
    [
        (WorkspaceLimits(activities=5), "activities"),
        (WorkspaceLimits(workers=5), "workers"),
        (WorkspaceLimits(task_queues=5), "task_queues"),
    ],
)
def test_12_how_many_a_workspace_holds(limits: WorkspaceLimits, resource: str):
    engine = fresh(limits=limits)
    for number in range(len(getattr(engine.state, resource)), 5):
        getattr(engine, resource).create(START, friendly_name=f"Number {number}")
    with pytest.raises(TaskRouterError, match=r"holds at most 5 .*: delete one first"):
        getattr(engine, resource).create(START, friendly_name="One too many")


def test_12_the_limits_of_the_service():
    limits = fresh().state.limits
    assert (limits.workers, limits.task_queues, limits.activities, limits.attempts) == (15_000, 5_000, 100, 1_000)
