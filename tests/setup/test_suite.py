"""How the tests themselves run: what stays together, which ports they choose, how long they wait."""

from __future__ import annotations

import pytest

from helpers.setup import environment
from tests.ports import unused_port
from tests.suite import TOGETHER, TogetherScheduling
from tests.waiting import wait_for


def test_the_files_that_stay_together_are_there():
    assert [file for file in TOGETHER if not (environment.ROOT / file).is_file()] == []


def test_tests_that_share_something_go_to_one_worker_and_others_alone():
    split = TogetherScheduling._split_scope
    lab, setup, other = (
        "tests/setup/test_lab.py::a",
        "tests/setup/test_setup.py::b",
        "tests/engine/test_events.py::c[x]",
    )
    assert split(None, lab) == split(None, setup) != split(None, other) == other


def test_a_port_is_chosen_once_and_not_from_those_that_systems_hand_out():
    ports = [unused_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert all(1024 < port < 32_768 for port in ports)


def test_a_wait_ends_with_the_first_true_value_or_says_what_it_waited_for():
    values = iter(["", "", "there"])
    assert wait_for(lambda: next(values)) == "there"
    with pytest.raises(AssertionError, match=r"the dawn did not come true within \S+ s; last: \[\]"):
        wait_for(list, seconds=0.01, what="the dawn")
