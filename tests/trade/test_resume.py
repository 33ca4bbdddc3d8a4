"""A second run takes finished parts from the first; nothing half-written is left."""

from __future__ import annotations

import json
from pathlib import Path

import layouts
import pytest

from kervan.core.errors import InputError
from kervan.trade.readers import ImportOptions, import_trade, parts, read_trade
from kervan.trade.readers.sources import sha256_of

ONE = layouts.baci("2021,792,398,270900,1,2")
TWO = layouts.baci("2022,792,398,270900,3,4")


def files(tmp_path: Path) -> list[Path]:
    return [layouts.write(tmp_path, f"{y}.csv", c) for y, c in ((2021, ONE), (2022, TWO))]


def test_finished_parts_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = import_trade("baci", files(tmp_path), tmp_path / "out")
    before = (tmp_path / "out" / "trade.parquet").read_bytes()
    monkeypatch.setattr(parts, "read_flows", None)  # would fail if it were called
    again = import_trade("baci", files(tmp_path), tmp_path / "out")
    assert (first.again, again.again) == (0, 2)
    assert first.manifest == again.manifest
    assert (tmp_path / "out" / "trade.parquet").read_bytes() == before


def test_a_fault_in_one_file_keeps_the_parts_of_the_others(tmp_path: Path) -> None:
    good = files(tmp_path)
    bad = layouts.write(tmp_path, "bad.csv", layouts.baci("2023,792,398,270900,-1,2"))
    with pytest.raises(InputError):
        import_trade("baci", [*good, bad], tmp_path / "out")
    layouts.write(tmp_path, "bad.csv", layouts.baci("2023,792,398,270900,1,2"))
    assert import_trade("baci", [*good, bad], tmp_path / "out").again == 2


def test_a_killed_run_is_taken_up_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    whole = parts.read_flows

    def killed(*args: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(parts, "read_flows", killed)
    with pytest.raises(KeyboardInterrupt):
        import_trade("baci", files(tmp_path), tmp_path / "out")
    assert sorted(p.suffix for p in (tmp_path / "out").rglob("*")) == ["", ".json", ".parquet"]
    assert import_trade("baci", files(tmp_path), tmp_path / "out").again == 1
    assert len(read_trade(tmp_path / "out").table("trade")) == 2


def test_left_folders_of_dead_runs_are_cleared(tmp_path: Path) -> None:
    left = tmp_path / "out" / ".work-999999999-abc"
    left.mkdir(parents=True)
    import_trade("baci", files(tmp_path), tmp_path / "out")
    assert not left.exists()


def test_a_changed_input_a_changed_option_or_a_damaged_part_is_read_again(tmp_path: Path) -> None:
    given = files(tmp_path)
    import_trade("baci", given, tmp_path / "out")
    layouts.write(tmp_path, "2022.csv", layouts.baci("2022,792,398,270900,5,4"))
    assert import_trade("baci", given, tmp_path / "out").again == 1
    assert import_trade("baci", given, tmp_path / "out").again == 2
    options = ImportOptions(sectors={"": "all"})
    assert import_trade("baci", given, tmp_path / "out", options=options).again == 0
    for part in (tmp_path / "out" / "parts").glob("*.parquet"):
        part.write_bytes(part.read_bytes()[:-8])
    assert import_trade("baci", given, tmp_path / "out", options=options).again == 0


def test_manifest_tells_checksums_units_and_counts(tmp_path: Path) -> None:
    given = files(tmp_path)
    import_trade("baci", given, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert [entry["sha256"] for entry in told["inputs"]] == [sha256_of(path) for path in given]
    assert told["outputs"][0]["sha256"] == sha256_of(tmp_path / "out" / "trade.parquet")
    assert told["outputs"][0]["units"]["value_usd"] == "USD"
    assert told["inputs"][0]["title"] == "CEPII BACI"
    assert (told["totals"]["rows"], told["totals"]["value_usd"]) == (2, 4000.0)


def test_a_table_that_is_not_the_manifests_is_refused(tmp_path: Path) -> None:
    import_trade("baci", files(tmp_path), tmp_path / "out")
    path = tmp_path / "out" / "trade.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(InputError, match="is not the table of the manifest"):
        read_trade(tmp_path / "out")
    with pytest.raises(InputError, match="holds no manifest"):
        read_trade(tmp_path)


def test_other_data_need_another_folder(tmp_path: Path) -> None:
    import_trade("baci", files(tmp_path), tmp_path / "out")
    tariffs = layouts.write(tmp_path, "w.csv", layouts.WITS_BULK)
    with pytest.raises(InputError, match=r"holds trade\.parquet of an import of other data"):
        import_trade("wits", [tariffs], tmp_path / "out")
    assert len(read_trade(tmp_path / "out").table("trade")) == 2
