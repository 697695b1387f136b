"""Random snapshots, as Hypothesis draws them."""

from __future__ import annotations

import copy

from hypothesis import strategies as st

from taskrouter_sandbox.snapshot.format import (
    ActivityPart,
    Snapshot,
    TaskChannelPart,
    TaskQueuePart,
    WorkerChannelPart,
    WorkerPart,
    WorkflowPart,
    WorkspacePart,
)
from taskrouter_sandbox.snapshot.references import DEFAULT_CHANNELS, completed

ACTIVITIES = ("Offline", "Available", "Unavailable", "Busy", "Ünterwegs")
QUEUES = ("Spanish", "English", "Everyone")
CHANNELS = (*DEFAULT_CHANNELS, "letters", "fax")
URLS = ("", "https://example.com/a", "https://user:secret@example.com/b?c=d")
ORDER = st.sampled_from(["FIFO", "LIFO"])


def some(names, most=9):
    return st.lists(st.sampled_from(names), unique=True, max_size=most)


@st.composite
def snapshots(draw) -> Snapshot:
    activities = [
        ActivityPart(name, draw(st.booleans())) for name in draw(some(ACTIVITIES).filter(lambda names: names))
    ]
    names = [each.friendly_name for each in activities]
    activity, maybe = st.sampled_from(names), st.none() | st.sampled_from(names)
    queues = [
        TaskQueuePart(
            name,
            draw(st.sampled_from(["1==1", "", "languages HAS 'es'", "level > 3"])),
            draw(st.integers(1, 50)),
            draw(ORDER),
            draw(maybe),
            draw(maybe),
        )
        for name in draw(some(QUEUES))
    ]
    channels = [
        TaskChannelPart(n, draw(st.sampled_from([n, n.title()])), draw(st.booleans())) for n in draw(some(CHANNELS))
    ]
    workers = [
        WorkerPart(
            draw(st.sampled_from([name, name.upper()])),
            draw(activity),
            draw(st.dictionaries(st.sampled_from("ab"), st.sampled_from([1, True, 0, False, None, "x", [1], {}, 2.5]))),
            {
                channel: WorkerChannelPart(draw(st.integers(0, 5)), draw(st.booleans()))
                for channel in draw(some([*DEFAULT_CHANNELS, *(c.unique_name for c in channels)]))
            },
        )
        for name in draw(some(("Alice", "Bob", "Zoë")))
    ]
    return Snapshot(
        workspace=WorkspacePart(
            draw(st.sampled_from(["One", "Two"])),
            draw(st.booleans()),
            draw(ORDER),
            draw(activity),
            draw(activity),
            draw(st.sampled_from(URLS)),
            draw(some(["task.created", "task.completed"])),
        ),
        activities=activities,
        task_channels=channels,
        task_queues=queues,
        workflows=[
            WorkflowPart(
                name,
                draw(configurations([each.friendly_name for each in queues])),
                draw(st.sampled_from(URLS)),
                draw(st.sampled_from(URLS)),
                draw(st.integers(1, 86_400)),
            )
            for name in (draw(some(("Flow", "Other"))) if queues else [])
        ],
        workers=workers,
    )


def configurations(queues):
    queue = st.sampled_from(queues or [""])
    target = st.fixed_dictionaries({"queue": queue}, optional={"timeout": st.integers(1, 99)})
    one = st.fixed_dictionaries({"expression": st.just("a == 1"), "targets": st.lists(target, min_size=1, max_size=2)})
    filters = st.lists(one, max_size=2)
    routing = st.fixed_dictionaries({}, optional={"filters": filters, "default_filter": st.builds(dict, queue=queue)})
    return st.builds(dict, task_routing=routing)


def normal(snapshot: Snapshot) -> Snapshot:
    """The same with everything named, in one order, and without what is as usual."""
    whole = completed(copy.deepcopy(snapshot))
    for parts in (whole.activities, whole.task_channels, whole.task_queues, whole.workflows, whole.workers):
        parts.sort(key=lambda part: getattr(part, "unique_name", part.friendly_name))
    for worker in whole.workers:
        worker.channels = {n: c for n, c in sorted(worker.channels.items()) if c != WorkerChannelPart()}
    return whole
