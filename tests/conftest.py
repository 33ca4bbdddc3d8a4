"""No test reads or writes the user's own cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep results in a folder of this session."""
    folder = tmp_path_factory.mktemp("kept")
    before = os.environ.get("KERVAN_CACHE_DIR")
    os.environ["KERVAN_CACHE_DIR"] = str(folder)
    yield folder
    if before is None:
        del os.environ["KERVAN_CACHE_DIR"]
    else:
        os.environ["KERVAN_CACHE_DIR"] = before
