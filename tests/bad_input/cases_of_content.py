"""Tables whose cells are wrong or do not fit together."""

from __future__ import annotations

from pathlib import Path

from breaking import Cases, append, put, read, remove, write

CONTENT = Cases()


@CONTENT.add(
    "wrong-type",
    "mode.csv, row road (line 4), field speed_kph",
    "'fast' is not a finite number",
    "write a number in km/h",
)
def _(folder: Path) -> None:
    put(folder, "mode", "road", speed_kph="fast")


@CONTENT.add(
    "decimal-comma",
    "mode.csv, row road (line 4), field time_cv",
    "'0,1'",
    "write a decimal point, not a comma",
)
def _(folder: Path) -> None:
    put(folder, "mode", "road", time_cv="0,1")


@CONTENT.add(
    "negative-length",
    "link.csv, row alma-bela (line 2), field length_km",
    "-1000 is out of range",
    "at least 0",
)
def _(folder: Path) -> None:
    put(folder, "link", "alma-bela", length_km="-1000")


@CONTENT.add(
    "latitude",
    "node.csv, row alma (line 2), field y_coord",
    "97 is out of range",
    "at least -90 and at most 90 degrees north",
)
def _(folder: Path) -> None:
    put(folder, "node", "alma", y_coord="97")


@CONTENT.add(
    "nan",
    "link.csv, row alma-bela (line 2), field length_km",
    "'NaN' is not a finite",
    "write a number in km",
)
def _(folder: Path) -> None:
    put(folder, "link", "alma-bela", length_km="NaN")


@CONTENT.add(
    "inf",
    "border.csv, row alma-bela-rail_1520 (line 2), field wait_h",
    "'inf' is not a",
    "write a number in h",
    "field wait_sd_h",
    "'-Infinity'",
)
def _(folder: Path) -> None:
    put(folder, "border", "alma-bela-rail_1520", wait_h="inf", wait_sd_h="-Infinity")


@CONTENT.add("overflow", "demand.csv, row d1 (line 2), field tonnes", "is not a finite number")
def _(folder: Path) -> None:
    put(folder, "demand", "d1", tonnes="1e999")


@CONTENT.add(
    "zero-speed",
    "mode.csv, row ferry (line 5), field speed_kph",
    "0 is out of range",
    "at least 0.1",
    "link.csv, row alma-bela (line 2), field speed_kph",
)
def _(folder: Path) -> None:
    put(folder, "mode", "ferry", speed_kph="0")
    put(folder, "link", "alma-bela", speed_kph="0")


@CONTENT.add(
    "half-a-year", "demand.csv, row d1 (line 2), field year", "not a whole number", "round"
)
def _(folder: Path) -> None:
    put(folder, "demand", "d1", year="2025.5")


@CONTENT.add(
    "neither-yes-nor-no",
    "link.csv, row alma-bela (line 2), field open",
    "'maybe'",
    "write yes or no",
)
def _(folder: Path) -> None:
    put(folder, "link", "alma-bela", open="maybe")


@CONTENT.add(
    "no-such-day",
    "link.csv, row alma-bela (line 2), field valid_from",
    "'2025-02-30' is not a date",
    "write 2022, 2022-10 or 2022-10-30",
)
def _(folder: Path) -> None:
    put(folder, "link", "alma-bela", valid_from="2025-02-30")


@CONTENT.add("no-such-season", "service.csv, row bela-cey (line 2), field months", "'0-13'", "11-3")
def _(folder: Path) -> None:
    put(folder, "service", "bela-cey", months="0-13")


@CONTENT.add(
    "not-a-line",
    "link.csv, row alma-bela (line 2), field geometry",
    "not a line in WKT",
    "LINESTRING",
)
def _(folder: Path) -> None:
    put(folder, "link", "alma-bela", geometry="POINT (1 2)")


@CONTENT.add(
    "unknown-unit",
    "border.csv, row alma-bela-rail_1520 (line 2), field cost_unit",
    "'eur/t' is not allowed",
    "use one of usd/t",
)
def _(folder: Path) -> None:
    put(folder, "border", "alma-bela-rail_1520", cost_unit="eur/t")


@CONTENT.add(
    "value-without-unit",
    "link.csv, row bela-bahar, field capacity_unit",
    "a value without its unit",
    "say the unit of capacity_value",
)
def _(folder: Path) -> None:
    put(folder, "link", "bela-bahar", capacity_value="5")


@CONTENT.add(
    "unit-without-value",
    "link.csv, row bela-bahar, field cost_value",
    "a unit without its value",
    "give cost_value or empty cost_unit",
)
def _(folder: Path) -> None:
    put(folder, "link", "bela-bahar", cost_unit="usd/t")


@CONTENT.add(
    "empty-required-cell",
    "transfer.csv, row bela-rail_1520-ferry (line 2), field dwell_h",
    "is empty",
    "give mean time",
)
def _(folder: Path) -> None:
    put(folder, "transfer", "bela-rail_1520-ferry", dwell_h="")


@CONTENT.add("empty-key", "zone.csv, row line 2, field zone_id", "is empty", "give key of the zone")
def _(folder: Path) -> None:
    put(folder, "zone", "alma", zone_id="")


@CONTENT.add(
    "path-for-a-key",
    "corridor.csv, row ../../etc/passwd (line 2), field corridor_row",
    "is not a key",
    "use letters, digits",
)
def _(folder: Path) -> None:
    put(folder, "corridor", "lake", corridor_row="../../etc/passwd")


@CONTENT.add(
    "duplicate-key", "link, row alma-bela, field link_id", "stands more than once", "its own key"
)
def _(folder: Path) -> None:
    put(folder, "link", "cey-ceren", link_id="alma-bela")


@CONTENT.add(
    "unknown-mode",
    "link.csv, row alma-bela, field mode",
    "'rail_1600' is not in mode",
    "add it to mode.csv or mend the name",
)
def _(folder: Path) -> None:
    put(folder, "link", "alma-bela", mode="rail_1600")


@CONTENT.add(
    "unknown-in-a-list",
    "commodity.csv, row oil, field modes",
    "'pipeline' is not in mode",
    "add it to mode.csv",
)
def _(folder: Path) -> None:
    put(folder, "commodity", "oil", modes="rail_1520|pipeline")


@CONTENT.add(
    "dangling-link",
    "link.csv, row bela-bahar, field to_node_id",
    "'bahat' is not in node",
    "add it to node.csv or mend the name",
)
def _(folder: Path) -> None:
    put(folder, "link", "bela-bahar", to_node_id="bahat")


@CONTENT.add(
    "self-loop",
    "link.csv, row bela-bahar, field to_node_id",
    "starts and ends at the same",
    "remove the row",
)
def _(folder: Path) -> None:
    append(folder, "zone", zone_id="x", name_en="x", name_tr="x", country="XAA", node_id="alma")
    put(folder, "link", "bela-bahar", to_node_id="bela")


@CONTENT.add(
    "transfer-to-itself",
    "transfer.csv, row bela-rail_1520-ferry, field to_mode",
    "the mode it comes from",
    "two different modes",
)
def _(folder: Path) -> None:
    put(folder, "transfer", "bela-rail_1520-ferry", to_mode="rail_1520")


@CONTENT.add(
    "dates-swapped",
    "border.csv, row alma-bela-rail_1520, field valid_to",
    "2020 is before valid_from 2024-05",
    "swap the dates",
)
def _(folder: Path) -> None:
    put(folder, "border", "alma-bela-rail_1520", valid_from="2024-05", valid_to="2020")


@CONTENT.add(
    "overlapping-rows",
    "border.csv, row later, field valid_from",
    "holds at the same time as alma-bela-rail_1520",
    "let the earlier row end",
)
def _(folder: Path) -> None:
    put(folder, "border", "alma-bela-rail_1520", valid_to="2024-06")
    append(
        folder,
        "border",
        border_id="later",
        from_node_id="alma",
        to_node_id="bela",
        mode="rail_1520",
        wait_h="5",
        wait_sd_h="1",
        cost_value="2",
        cost_unit="usd/t",
        valid_from="2024-06-15",
    )


@CONTENT.add(
    "unreachable-zone",
    "zone.csv, row bahar, field node_id",
    "no link or service reaches",
    "join its node",
)
def _(folder: Path) -> None:
    remove(folder, "link", "bela-bahar")


@CONTENT.add("closed-off-zone", "zone.csv, row bahar, field node_id", "no link or service reaches")
def _(folder: Path) -> None:
    put(folder, "link", "bela-bahar", open="no")


@CONTENT.add(
    "no-border-row",
    "link.csv, row alma-bela",
    "crosses from alma to bela without a border",
    "add border.csv rows",
)
def _(folder: Path) -> None:
    remove(folder, "border", "alma-bela-rail_1520", "bela-alma-rail_1520")


@CONTENT.add(
    "filling-without-cargo",
    "service.csv, row bela-cey, field arrivals_t_per_week",
    "is empty",
    "say how much arrives",
)
def _(folder: Path) -> None:
    put(folder, "service", "bela-cey", arrivals_t_per_week="")


@CONTENT.add(
    "timetable-without-departures",
    "service.csv, row filiz-dogan, field departures_per_week",
    "is empty",
    "say how often",
)
def _(folder: Path) -> None:
    put(folder, "service", "filiz-dogan", departures_per_week="")


@CONTENT.add("demand-twice", "demand.csv, row d6", "stand already", "add the tonnes up")
def _(folder: Path) -> None:
    write(
        folder,
        "demand",
        [*read(folder, "demand"), ["d6", "alma", "deniz", "containers", "2025", "5"]],
    )


@CONTENT.add(
    "evidence-of-nothing",
    "evidence.csv, row e20, field field",
    "'lenght_km' is not in link",
    "evidence.csv, row e21, field row_id",
    "'alma-bola' is not in link",
    "evidence.csv, row e22, field table",
    "'bordr' is not a table",
    "evidence.csv, row e23, field filter",
    "'moode' is not a field of border",
)
def _(folder: Path) -> None:
    put(folder, "evidence", "e20", field="lenght_km")
    put(folder, "evidence", "e21", row_id="alma-bola")
    put(folder, "evidence", "e22", table="bordr")
    put(folder, "evidence", "e23", filter="moode=road")


@CONTENT.add(
    "sourced-without-claim",
    "evidence.csv, row e17, field claim_id",
    "a sourced figure names no claim",
    "name it or say assumed",
)
def _(folder: Path) -> None:
    put(folder, "evidence", "e17", basis="sourced")


@CONTENT.add(
    "unknown-claim",
    "evidence.csv, row e17, field claim_id",
    "'0123456789ab' is not in the",
    "name a claim of record/claims",
)
def _(folder: Path) -> None:
    put(folder, "evidence", "e17", basis="sourced", claim_id="0123456789ab")


@CONTENT.add(
    "assumed-without-reason",
    "evidence.csv, row e17, field note",
    "is empty",
    "give the derivation or the reason",
)
def _(folder: Path) -> None:
    put(folder, "evidence", "e17", note="")


@CONTENT.add("range-upside-down", "evidence.csv, row e18, field low", "2 is above high", "swap")
def _(folder: Path) -> None:
    put(folder, "evidence", "e18", low="2", high="1")


@CONTENT.add(
    "unknown-gate",
    "corridor.csv, row lake, field gate: 'seydisehir' is unknown",
    "corridor.csv, row lake, field gate: 'ship:bela-cey' is unknown",
    "corridor.csv, row north, field forbids: 'country:XGG' is unknown",
    "name a node, or link:, service:",
)
def _(folder: Path) -> None:
    put(folder, "corridor", "lake", gate="cey|seydisehir|ship:bela-cey")
    put(folder, "corridor", "north", forbids="country:XGG")


@CONTENT.add("claim-that-is-not-json", "claims", "line 1", "JSON")
def _(folder: Path) -> None:
    (folder / "record" / "claims").mkdir(parents=True)
    (folder / "record" / "claims" / "x.jsonl").write_text("{not json}\n")


@CONTENT.add(
    "faults-in-every-table",
    "node.csv, row alma",
    "mode.csv, row road",
    "commodity.csv, row oil",
    "link.csv, row alma-bela",
    "transfer.csv, row bela-rail_1520-ferry",
    "border.csv, row alma-bela-rail_1520",
    "service.csv, row bela-cey",
    "zone.csv, row bahar",
    "corridor.csv, row lake",
    "demand.csv, row d1",
    "evidence.csv, row e01",
    "study.toml, field base_year",
    "fault(s) in the study broken:",
)
def _(folder: Path) -> None:
    put(folder, "node", "alma", x_coord="200")
    put(folder, "mode", "road", time_cv="-1")
    put(folder, "commodity", "oil", theta="none")
    put(folder, "link", "alma-bela", length_km="")
    put(folder, "transfer", "bela-rail_1520-ferry", from_mode="mule")
    put(folder, "border", "alma-bela-rail_1520", wait_h="9999")
    put(folder, "service", "bela-cey", rule="never")
    put(folder, "zone", "bahar", node_id="nowhere")
    put(folder, "corridor", "lake", priority="0")
    put(folder, "demand", "d1", commodity="gold")
    put(folder, "evidence", "e01", basis="guessed")
    toml = folder / "study.toml"
    toml.write_text(
        toml.read_text("utf-8").replace("base_year = 2025", 'base_year = "2025"'), "utf-8"
    )
