"""What all tests share: how many workers, how many threads in each, and a cache of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

MOST_WORKERS = 4
"""What `-n auto` gives at the most: each worker builds the shared fixtures for itself."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def usable_cores() -> int:
    """Give the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_cores() -> None:
    """Keep workers times threads within the cores; before NumPy and Numba are loaded."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        for name in THREADS:
            os.environ.setdefault(name, str(max(1, usable_cores() // workers)))


share_cores()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return min(usable_cores(), MOST_WORKERS)


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep results in a folder of this session: no test reads or writes the user's own cache."""
    folder = tmp_path_factory.mktemp("kept")
    before = os.environ.get("KERVAN_CACHE_DIR")
    os.environ["KERVAN_CACHE_DIR"] = str(folder)
    yield folder
    if before is None:
        del os.environ["KERVAN_CACHE_DIR"]
    else:
        os.environ["KERVAN_CACHE_DIR"] = before
