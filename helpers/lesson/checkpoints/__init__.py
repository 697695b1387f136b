"""The checkpoints of the lessons, one for each step: `check.workspace(client)`.

Each reads the state of the service through the client, says "Not done yet", "Not right, because ..." or
"Right", offers hints, and never raises.
"""

from __future__ import annotations

from helpers.lesson.checkpoints import (
    accept_by_callback,
    build_an_agent_page,
    create_a_task,
    create_a_workspace,
    dequeue_to_an_agent,
    design_a_workflow,
    go_live,
    many_tasks_at_once,
    more_ways_to_connect,
    rehearse_a_day,
    reject_time_out_and_recover,
    start_here,
    tasks_from_phone_calls,
    watch_and_measure,
)


class check:
    """All checkpoints, by the name of the step."""

    connection = staticmethod(start_here.connection)

    workspace = staticmethod(create_a_workspace.workspace)
    activities = staticmethod(create_a_workspace.activities)
    workers = staticmethod(create_a_workspace.workers)
    queues = staticmethod(create_a_workspace.queues)
    french_queue = staticmethod(create_a_workspace.french_queue)
    workflow = staticmethod(create_a_workspace.workflow)
    french_filter = staticmethod(create_a_workspace.french_filter)

    stage = staticmethod(create_a_task.stage)
    task_waits = staticmethod(create_a_task.task_waits)
    reserved = staticmethod(create_a_task.reserved)
    accepted = staticmethod(create_a_task.accepted)
    completed = staticmethod(create_a_task.completed)
    urgent_task = staticmethod(create_a_task.urgent_task)

    callback_url = staticmethod(accept_by_callback.callback_url)
    no_instruction = staticmethod(accept_by_callback.no_instruction)
    accepted_by_request = staticmethod(accept_by_callback.accepted_by_request)
    accepted_by_callback = staticmethod(accept_by_callback.accepted_by_callback)
    next_worker = staticmethod(accept_by_callback.next_worker)

    voice_url = staticmethod(tasks_from_phone_calls.voice_url)
    menu = staticmethod(tasks_from_phone_calls.menu)
    call_waits = staticmethod(tasks_from_phone_calls.call_waits)
    caller_hung_up = staticmethod(tasks_from_phone_calls.caller_hung_up)
    second_chance = staticmethod(tasks_from_phone_calls.second_chance)

    agent_phone = staticmethod(dequeue_to_an_agent.agent_phone)
    call_addresses = staticmethod(dequeue_to_an_agent.call_addresses)
    connected = staticmethod(dequeue_to_an_agent.connected)
    wrapped_up = staticmethod(dequeue_to_an_agent.wrapped_up)
    rang_briefly = staticmethod(dequeue_to_an_agent.rang_briefly)

    not_reached = staticmethod(more_ways_to_connect.not_reached)
    given_back = staticmethod(more_ways_to_connect.given_back)
    connected_by_call = staticmethod(more_ways_to_connect.connected_by_call)
    redirected = staticmethod(more_ways_to_connect.redirected)
    in_conference = staticmethod(more_ways_to_connect.in_conference)
    listens_in = staticmethod(more_ways_to_connect.listens_in)

    rejected = staticmethod(reject_time_out_and_recover.rejected)
    timed_out = staticmethod(reject_time_out_and_recover.timed_out)
    timeout_activity = staticmethod(reject_time_out_and_recover.timeout_activity)
    canceled = staticmethod(reject_time_out_and_recover.canceled)
    fallback = staticmethod(reject_time_out_and_recover.fallback)
    freed = staticmethod(reject_time_out_and_recover.freed)

    default_filter = staticmethod(design_a_workflow.default_filter)
    skip_if = staticmethod(design_a_workflow.skip_if)
    repaired = staticmethod(design_a_workflow.repaired)

    two_at_once = staticmethod(many_tasks_at_once.two_at_once)
    capacity = staticmethod(many_tasks_at_once.capacity)
    wrapping = staticmethod(many_tasks_at_once.wrapping)
    rescinded = staticmethod(many_tasks_at_once.rescinded)

    morning = staticmethod(watch_and_measure.morning)
    service_level = staticmethod(watch_and_measure.service_level)
    shorter_waits = staticmethod(watch_and_measure.shorter_waits)
    events_filter = staticmethod(watch_and_measure.events_filter)

    why_they_wait = staticmethod(rehearse_a_day.why_they_wait)
    cheapest_fix = staticmethod(rehearse_a_day.cheapest_fix)

    guarded = staticmethod(go_live.guarded)
    retried = staticmethod(go_live.retried)

    agent_token = staticmethod(build_an_agent_page.agent_token)
    page_accepted = staticmethod(build_an_agent_page.page_accepted)
    waited = staticmethod(build_an_agent_page.waited)
    rejected_because = staticmethod(build_an_agent_page.rejected_because)


__all__ = ["check"]
