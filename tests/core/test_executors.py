"""One answer wherever it is worked out, whoever dies on the way."""

from __future__ import annotations

import builtins
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from executor_tasks import Scaled, always_deadly, fails

from kervan.core.errors import InputError, MissingExtra
from kervan.core.executors import WorkersLost, map_tasks
from kervan.core.executors.threads import cores, workers_for

FACTORS = MappingProxyType({"factor": 0.1})
TASKS = range(8)
ANSWERS = [task * 0.1 / 3.0 for task in TASKS]


def test_serial_is_a_loop() -> None:
    told: list[int] = []
    found = map_tasks(
        Scaled(FACTORS), TASKS, executor="serial", on_result=lambda number, _: told.append(number)
    )
    assert [value for value, _ in found] == ANSWERS
    assert told == list(TASKS)


def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "killed"
    told: dict[int, Any] = {}
    deadly = Scaled(FACTORS, deadly=3, trace=str(trace))
    found = map_tasks(deadly, TASKS, workers=2, on_result=told.__setitem__)
    assert trace.exists()
    assert [value for value, _ in found] == ANSWERS
    assert [told[number] for number in TASKS] == found
    assert {threads for _, threads in found} == {"1"}


def test_a_task_that_always_kills_ends_the_run_with_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kervan.core.executors.local.FRESH_POOLS", 1)
    with pytest.raises(WorkersLost, match=r"1 left, first: 0\)"):
        map_tasks(always_deadly, [1], workers=1)


def test_an_error_of_the_function_comes_through() -> None:
    with pytest.raises(ValueError, match="task"):
        map_tasks(fails, range(2), workers=1)


@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_an_interrupt_leaves_what_was_done(executor: str) -> None:
    kept: dict[int, Any] = {}

    def take(number: int, answer: Any) -> None:
        kept[number] = answer
        if len(kept) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        map_tasks(Scaled(FACTORS), TASKS, executor=executor, workers=1, on_result=take)
    assert {number: answer[0] for number, answer in kept.items()} == {
        number: ANSWERS[number] for number in kept
    }
    assert len(kept) == 3


def test_no_more_workers_than_cores_or_tasks() -> None:
    assert workers_for(None, 1000) == cores()
    assert workers_for(10_000, 1000) == cores()
    assert workers_for(None, 1) == 1


@pytest.mark.parametrize("name", ["threads", "dask://", "dask://somewhere", "dask://host:port"])
def test_unknown_executors_are_named(name: str) -> None:
    with pytest.raises(InputError, match="is no executor"):
        map_tasks(fails, [1], executor=name)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "distributed":
            raise ImportError(name)
        return found(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match="kervan\\[dask\\]"):
        map_tasks(fails, [1], executor="dask://local")
