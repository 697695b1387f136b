"""The window of time that statistics look at, and limits of waits (rest-contract.md §6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from tests.sandbox.statistics_stage import iso, stage, standing

__all__ = ["stage", "standing"]


class TestWindow:
    def created(self, stage, **window) -> int:
        return stage.workspace.cumulative_statistics().fetch(**window).tasks_created

    def test_minutes_look_back(self, stage):
        stage.task()
        stage.skip(14 * 60)
        stage.task()
        assert self.created(stage) == 2
        assert self.created(stage, minutes=1) == 1
        stage.skip(61)
        assert self.created(stage) == 1
        assert self.created(stage, minutes=16) == 2
        stage.skip(3600)
        assert self.created(stage) == 0

    def test_both_dates_are_inclusive_and_win_over_minutes(self, stage):
        moments = []
        for _ in range(3):
            moments.append(stage.now)
            stage.task()
            stage.skip(3600)
        assert self.created(stage, start_date=moments[0]) == 3
        assert self.created(stage, start_date=moments[1]) == 2
        assert self.created(stage, start_date=moments[0], end_date=moments[1]) == 2
        assert self.created(stage, start_date=moments[0], end_date=moments[1], minutes=1) == 2
        assert self.created(stage, start_date=moments[0], end_date=moments[1] - timedelta(seconds=1)) == 1
        found = stage.workspace.cumulative_statistics().fetch(start_date=moments[0], end_date=moments[1])
        assert (found.start_time, found.end_time) == (moments[0], moments[1])

    def test_minutes_look_back_from_an_end_date(self, stage):
        stage.task()
        stage.skip(3600)
        moment = stage.now
        stage.task()
        stage.skip(3600)
        assert self.created(stage, end_date=moment) == 1
        assert self.created(stage, end_date=moment, minutes=60) == 2
        assert self.created(stage, end_date=moment - timedelta(seconds=1), minutes=59) == 0

    def test_an_end_in_the_future_counts_as_now(self, stage):
        stage.task()
        found = stage.workspace.cumulative_statistics().fetch(end_date=datetime(9999, 12, 31, tzinfo=UTC))
        assert (found.tasks_created, found.end_time) == (1, stage.now)

    @pytest.mark.parametrize(
        "path", ["Statistics", "CumulativeStatistics", "Workers/Statistics", "TaskQueues/Statistics"]
    )
    def test_windows_that_are_refused(self, stage, path):
        """§6: older than 30 days is 400 and 14241."""
        now = stage.now
        old = stage.refused(path, StartDate=iso(now - timedelta(days=30, seconds=1)))
        assert old[:2] == stage.refused(path, Minutes=30 * 24 * 60 + 1)[:2] == (400, 14241)
        assert "30 days" in old[2]
        stage.get(path, StartDate=iso(now - timedelta(days=30)))
        stage.get(path, Minutes=30 * 24 * 60)
        assert "future" in stage.refused(path, StartDate=iso(now + timedelta(seconds=1)))[2]
        backwards = {"StartDate": iso(now - timedelta(hours=1)), "EndDate": iso(now - timedelta(hours=2))}
        assert stage.refused(path, **backwards)[:2] == (400, 20001)
        for wrong in ({"Minutes": 0}, {"Minutes": "x"}, {"StartDate": "yesterday"}, {"EndDate": "2026-13-01"}):
            status, code, text = stage.refused(path, **wrong)
            assert (status, code) == (400, 20001)
            assert text.startswith(next(iter(wrong)))
        assert "fax" in stage.refused(path, TaskChannel="fax")[2]

    @pytest.mark.parametrize("value", ["", "x", "5,", "0", "-5", "5;30", "9" * 12, ",".join(map(str, range(1, 52)))])
    def test_thresholds_that_are_refused(self, stage, value):
        status, code, text = stage.refused("CumulativeStatistics", SplitByWaitTime=value)
        assert (status, code) == (400, 20001)
        assert text.startswith("SplitByWaitTime")

    def test_the_client_is_told_why(self, stage):
        with pytest.raises(TwilioRestException) as caught:
            stage.workspace.statistics().fetch(start_date=stage.now - timedelta(days=31))
        assert (caught.value.status, caught.value.code) == (400, 14241)
        with pytest.raises(TwilioException):
            stage.workspace.task_queues.statistics.list(minutes=0)
