"""What is shipped: size, version, lock file, and nothing that holds on one machine only."""

from __future__ import annotations

import io
import re
import subprocess
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import kervan

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kervan"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
LARGEST_WHEEL = 30_000_000


def test_wheel_stays_small() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path in SOURCE.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                wheel.write(path, path.relative_to(SOURCE.parent))
    assert buffer.tell() < LARGEST_WHEEL


def test_version_is_one() -> None:
    assert kervan.__version__ == PROJECT["version"] == version("kervan")
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def locked() -> dict[str, list[str]]:
    """Give the locked versions by name (a universal lock may hold two of one package)."""
    found: dict[str, list[str]] = {}
    for name, pinned in re.findall(r"^([\w.-]+)==([^\s;\\]+)", LOCK, flags=re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(pinned)
    return found


@pytest.mark.parametrize("extra", ["", "build", "test", "lint"])
def test_lock_meets_every_requirement(extra: str) -> None:
    wanted = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    pins = locked()
    for line in wanted:
        requirement = Requirement(line)
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{line}: not in requirements.lock"
        assert all(requirement.specifier.contains(pin) for pin in versions), line


def test_lock_has_hashes_and_names_no_index() -> None:
    assert LOCK.count("--hash=sha256:") >= len(locked())
    assert "://" not in LOCK
    assert "--index-url" not in LOCK


def tracked_texts() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    kinds = {".py", ".md", ".toml", ".csv", ".json", ".jsonl", ".yaml", ".lock", ""}
    names = (ROOT / name for name in listing.stdout.split("\0") if name)
    return [path for path in names if path.is_file() and path.suffix in kinds]


def test_no_path_of_one_machine() -> None:
    absolute = re.compile(r"(?<![\w./~:%-])/(?:home|root|tmp|Users|work|opt)/\w")
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in tracked_texts()
        for match in absolute.finditer(path.read_text("utf-8", errors="replace"))
    ]
    assert not found
