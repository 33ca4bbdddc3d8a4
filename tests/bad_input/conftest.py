from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from kervan.study import builtin_studies

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def study_copy(tmp_path: Path) -> Path:
    """A good copy of the toy study, to be broken."""
    copy = tmp_path / "broken"
    shutil.copytree(builtin_studies()["toy"], copy)
    return copy
