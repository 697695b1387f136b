"""A delivery as the log keeps it: nothing of it is lost on the way there and back."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from taskrouter_sandbox.engine.model.effects import Effects
from taskrouter_sandbox.storage.store import Store
from taskrouter_sandbox.webhooks.delivery import Attempt, Delivery, DeliveryFailure, Outcome, Redirect

texts = st.none() | st.text(max_size=5)
attempts = st.builds(
    Attempt,
    url=st.just("http://here/"),
    at=st.floats(0, 1e10),
    seconds=st.floats(0, 20),
    redirects=st.lists(st.builds(Redirect, st.integers(300, 308), st.text(max_size=5)), max_size=2),
    signed=texts,
    authorized=st.sampled_from([None, "Basic", "Digest"]),
    status=st.none() | st.integers(100, 599),
    content_type=texts,
    body=texts,
    error=st.none() | st.builds(DeliveryFailure, st.integers(11200, 11999), st.text(min_size=1, max_size=5)),
    fault=st.sampled_from([None, "timeout", "late", "twice", "out-of-order"]),
)


@given(attempts)
def test_an_attempt_is_the_same_after_it_was_kept(attempt):
    assert Attempt.from_dict(json.loads(json.dumps(attempt.to_dict()))) == attempt


@given(attempts)
def test_an_attempt_fails_without_an_answer_that_counts(attempt):
    answered = attempt.error is None and attempt.status is not None and 200 <= attempt.status < 300
    assert (attempt.failure is None) == answered
    if attempt.error is not None:  # with where redirects have led
        assert attempt.failure == (attempt.error.code, attempt.error.text + attempt.redirected)
        assert bool(attempt.redirected) == bool(attempt.redirects)


def test_a_delivery_is_the_same_after_it_was_kept(tmp_path):
    store = Store(tmp_path / "sandbox.sqlite3")
    delivery = Delivery(
        kind="assignment",
        workspace_sid="WS1",
        subject_sid="WR1",
        url="http://me:secret@here/",
        parameters={"TaskSid": "WT1"},
        fallback_url="http://there/",
        repeats=7,
    )
    store.write("WS1", Effects(), [delivery], 5)
    assert store.open_deliveries() == [delivery]
    delivery.attempts.append(Attempt(url="http://me:***@here/", at=1.5, status=200, content_type="", body="{}"))
    delivery.outcome = Outcome("no-instruction", "no instruction: the reservation stays pending")
    store.finish_delivery(delivery)
    assert store.open_deliveries() == []
    assert store.delivery(delivery.number) == delivery
    told = delivery.to_dict()
    assert (told["outcome"], told["result"]) == (delivery.outcome.text, "no-instruction")
    assert "secret" not in json.dumps(told)
    store.close()
