"""Broken scenario cards in a good study."""

from __future__ import annotations

from pathlib import Path

from breaking import Cases, card, overwrite, swap

CARDS = Cases()
ONE = ("one",)
BOTH = ("one", "two")
CLOSE = '[[change]]\ndo = "close"\ntable = "link"\n'
BORDER = '[[change]]\ntable = "border"\nwhere = "all"\n'


@CARDS.add("card-not-toml", "one.toml: is not TOML", "line 5", "mend the line", names=ONE)
def _(folder: Path) -> None:
    card(folder, "one", "[[change]")


@CARDS.add("card-not-utf-8", "one.toml: is not UTF-8 text", "save the file as UTF-8", names=ONE)
def _(folder: Path) -> None:
    overwrite(folder, "scenarios/one.toml", 'name = "one"\ntitle_tr = "Sınır"'.encode("cp1254"))


@CARDS.add("card-nested-without-end", "one.toml: is nested too deeply", names=ONE)
def _(folder: Path) -> None:
    overwrite(folder, "scenarios/one.toml", b"change = " + b"[" * 100_000)


@CARDS.add("card-too-large", "one.toml: is larger than 1 MB", "make it shorter", names=ONE)
def _(folder: Path) -> None:
    overwrite(folder, "scenarios/one.toml", b"# filler\n" * 200_000)


@CARDS.add(
    "card-empty",
    "one.toml, field name: the key is missing",
    "one.toml, field title_en: the key is missing",
    names=ONE,
)
def _(folder: Path) -> None:
    overwrite(folder, "scenarios/one.toml", b"")


@CARDS.add("card-symlink-loop", "one.toml: cannot be read", "check the file or link", names=ONE)
def _(folder: Path) -> None:
    (folder / "scenarios" / "one.toml").symlink_to("one.toml")


@CARDS.add(
    "card-measure-in-words",
    "one.toml, field measure: is not true or false",
    "write measure = true",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", 'measure = "yes"\n' + CLOSE + 'where = "all"')


@CARDS.add(
    "card-of-another-name",
    "one.toml, field name: 'two' is not the file's name",
    "rename the file to two.toml",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "two", CLOSE + 'where = "all"', file="one")


@CARDS.add(
    "card-named-by-a-path",
    "one.toml, field name: '../../etc/passwd' is not a card's name",
    "no path",
    "one.toml, field requires: '../two' is not a card's name",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "../../etc/passwd", "", head='requires = ["../two"]', file="one")


@CARDS.add(
    "cards-of-one-title",
    "two.toml, field title_en: its title is also that of 'one'",
    "tell them apart",
    names=("two",),
)
def _(folder: Path) -> None:
    card(folder, "one", CLOSE + 'where = "all"')
    card(folder, "two", CLOSE + 'where = "all"')
    swap(folder, "scenarios/two.toml", "Card two", "CARD ONE")


@CARDS.add(
    "unknown-keys",
    "one.toml, field conflict: unknown key -> did you mean conflicts",
    "one.toml, field titel_en: unknown key -> did you mean title_en",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", "", head='conflict = ["two"]\ntitel_en = "x"')


@CARDS.add(
    "wrong-types-in-head",
    "one.toml, field requires: is not a list of names",
    "one.toml, field note_en: is not a text",
    "one.toml, field change: is not a list of changes",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", '[change]\ndo = "close"', head='requires = "two"\nnote_en = 5')


@CARDS.add(
    "unknown-change",
    "one.toml, row change 1 (shut), field do: 'shut' is not a change",
    "use one of add, close",
    "one.toml, row change 2 (?), field do: the key is missing",
    "one.toml, row change 3 (7), field do: 7 is not a change",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", '[[change]]\ndo = "shut"\n[[change]]\ntable = "link"\n[[change]]\ndo = 7')


@CARDS.add(
    "unknown-key-of-a-change",
    "one.toml, row change 1 (close), field filter: 'close' has no such",
    "use one of table, where",
    "field where: the key is missing -> add where = {",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", CLOSE + 'filter = { mode = "ferry" }')


@CARDS.add(
    "unknown-table",
    "one.toml, row change 1 (close), field table: 'links' cannot be changed",
    "did you mean link?",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", '[[change]]\ndo = "close"\ntable = "links"\nwhere = "all"')


@CARDS.add(
    "empty-filter",
    "one.toml, row change 1 (close), field where: is not a filter",
    'or where = "all"',
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", CLOSE + "where = {}")


@CARDS.add(
    "filter-of-nothing",
    "field where: matches no row of link (mode = road; country = XBB)",
    "widen the filter",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", CLOSE + 'where = { mode = "road", country = "XBB" }')


@CARDS.add(
    "unknown-in-filter",
    "field where.moode: 'moode' is neither a field of link nor a condition",
    "did you mean mode",
    "field where.country: 'GEO' is unknown",
    "field where.id: 'alma-bola'",
    "did you mean alma-bela",
    "field where.between: needs two ends",
    names=ONE,
)
def _(folder: Path) -> None:
    for_one = 'where = { moode = "road", country = "GEO", id = "alma-bola", between = "XAA" }'
    card(folder, "one", CLOSE + for_one)


@CARDS.add(
    "wrong-type-of-value",
    "field values.wait_h: 'long' is not a number",
    "field values.open: 'no' is neither true nor false",
    "field values.commodities: 'oil' is not a list",
    names=ONE,
)
def _(folder: Path) -> None:
    values = 'values = { wait_h = "long", open = "no", commodities = "oil" }'
    card(folder, "one", BORDER + f'do = "set"\n{values}')


@CARDS.add(
    "value-out-of-range",
    "field values.wait_h: -1 is out of range -> give at least 0",
    "field values.cost_unit: 'eur/t' is not allowed",
    "field values.wait_sd_h: 'nan' is not a",
    "field values.name_tr",
    names=ONE,
)
def _(folder: Path) -> None:
    values = 'values = { wait_h = -1, cost_unit = "eur/t", wait_sd_h = nan, name_tr = 5 }'
    card(folder, "one", BORDER + f'do = "set"\n{values}')


@CARDS.add(
    "unknown-field",
    "field values.wait: 'wait' is not a field of border -> did you mean wait_",
    "field values.border_id: 'border_id' says which row it is",
    "close the row",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", BORDER + 'do = "set"\nvalues = { wait = 5, border_id = "x" }')


@CARDS.add(
    "unknown-reference",
    "field values.commodities: 'gold' is not in commodity",
    "use one of containers",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", BORDER + 'do = "set"\nvalues = { commodities = ["gold"] }')


@CARDS.add(
    "no-factor",
    "field factors.wait_h: -0.5 is not a factor",
    "from 0 to 1000000",
    "field factors.wait_sd_h: inf is not",
    "field factors.cost_value: 'half' is not",
    names=ONE,
)
def _(folder: Path) -> None:
    factors = 'factors = { wait_h = -0.5, wait_sd_h = inf, cost_value = "half" }'
    card(folder, "one", BORDER + f'do = "scale"\n{factors}')


@CARDS.add("endless-factor", "field factors.wait_h: 1", "is not a factor", names=ONE)
def _(folder: Path) -> None:
    card(folder, "one", BORDER + f'do = "scale"\nfactors = {{ wait_h = 1{"0" * 400} }}')


@CARDS.add("endless-value", "field values.wait_h", "is not a finite number", names=ONE)
def _(folder: Path) -> None:
    card(folder, "one", BORDER + f'do = "set"\nvalues = {{ wait_h = 1{"0" * 400} }}')


@CARDS.add(
    "factor-out-of-range",
    "field factors.wait_h: row alma-bela-rail_1520 becomes 10000 h, out of",
    "stay between 0 and 8760",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", BORDER + 'do = "scale"\nfactors = { wait_h = 1000 }')


@CARDS.add(
    "factor-of-nothing",
    "field factors.speed_kph: 11 of the 11 rows have no speed_kph",
    "set the value",
    "field factors.mode: 'mode' is not a measured number",
    names=ONE,
)
def _(folder: Path) -> None:
    body = '[[change]]\ndo = "scale"\ntable = "link"\nwhere = "all"\n'
    card(folder, "one", body + "factors = { speed_kph = 2, mode = 2 }")


@CARDS.add(
    "value-loses-its-unit",
    "row link.csv ceren-deniz, field capacity_unit: a value without its",
    "say the unit",
    names=ONE,
)
def _(folder: Path) -> None:
    body = '[[change]]\ndo = "set"\ntable = "link"\nwhere = { id = "ceren-deniz" }\n'
    card(folder, "one", body + 'values = { capacity_unit = "" }')


@CARDS.add(
    "added-row-without-fields",
    "field row.mode: is missing",
    "field row.length_km: is missing",
    "field row.lenght_km: 'lenght_km' is not a field of link -> did you mean length_km",
    names=ONE,
)
def _(folder: Path) -> None:
    row = '{ link_id = "new", from_node_id = "alma", to_node_id = "bela", lenght_km = 5 }'
    card(folder, "one", f'[[change]]\ndo = "add"\ntable = "link"\nrow = {row}')


@CARDS.add(
    "added-row-that-stands",
    "field row.link_id: 'alma-bela' stands already",
    "its own key",
    "field row.to_node_id: 'belo' is not in node -> did you mean bela",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", added("alma-bela", "alma", "belo"))


@CARDS.add(
    "added-self-loop",
    "one.toml, row link.csv new, field to_node_id: starts and ends at the same",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", added("new", "alma", "alma"))


@CARDS.add(
    "added-over-a-border",
    "row link.csv new: crosses from bahar to ceren without a border",
    "add border.csv rows",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", added("new", "bahar", "ceren"))


@CARDS.add(
    "unknown-setting-in-card",
    "field values.carbon_price: 'carbon_price' is not a setting",
    "did you mean carbon_price_usd_per_t",
    "field values.leg_correlation: must be a number",
    names=ONE,
)
def _(folder: Path) -> None:
    values = "values = { carbon_price = 100, leg_correlation = 2 }"
    card(folder, "one", f'[[change]]\ndo = "setting"\n{values}')


@CARDS.add(
    "unknown-mode-in-card",
    "row change 1 (mode), field mode: 'rail_1530' is not in mode.csv",
    "did you mean rail_1520",
    "row change 1 (mode), field speed_kph: is both set and scaled",
    "row change 2 (commodity), field values: nothing is changed",
    names=ONE,
)
def _(folder: Path) -> None:
    mode = '[[change]]\ndo = "mode"\nmode = "rail_1530"\n'
    both = "values = { speed_kph = 5 }\nfactors = { speed_kph = 5 }\n"
    card(folder, "one", mode + both + '[[change]]\ndo = "commodity"\ncommodity = "oil"')


@CARDS.add(
    "zero-speed-in-card",
    "row change 1 (mode), field values.speed_kph: 0 is out of range",
    "row change 2 (mode), field factors.speed_kph: row rail_1520 becomes 0 km/h",
    names=ONE,
)
def _(folder: Path) -> None:
    mode = '[[change]]\ndo = "mode"\nmode = "rail_1520"\n'
    card(
        folder, "one", mode + "values = { speed_kph = 0 }\n" + mode + "factors = { speed_kph = 0 }"
    )


@CARDS.add(
    "prerequisites-in-a-circle",
    "field requires: is cyclic: one -> two -> three -> one",
    "remove one of them",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", "", head='requires = ["two"]')
    card(folder, "two", "", head='requires = ["three"]')
    card(folder, "three", "", head='requires = ["one"]')


@CARDS.add("prerequisite-of-itself", "one.toml, field requires: is cyclic: one -> one", names=ONE)
def _(folder: Path) -> None:
    card(folder, "one", "", head='requires = ["one"]')


@CARDS.add(
    "unknown-prerequisite",
    "one.toml, field requires: 'borders-halfed' is unknown",
    "did you mean borders-halved",
    names=ONE,
)
def _(folder: Path) -> None:
    card(folder, "one", "", head='requires = ["borders-halfed"]')


@CARDS.add("broken-prerequisite", "two.toml: is not TOML", names=ONE)
def _(folder: Path) -> None:
    card(folder, "one", "", head='requires = ["two"]')
    overwrite(folder, "scenarios/two.toml", b"=")


@CARDS.add(
    "declared-conflict",
    "one.toml, field conflicts: declares a conflict with 'two'",
    "leave one of the two out",
    names=BOTH,
)
def _(folder: Path) -> None:
    card(folder, "one", "", head='conflicts = ["two"]')
    card(folder, "two", "")


@CARDS.add("required-and-in-conflict", "'two' is both required and in conflict", names=ONE)
def _(folder: Path) -> None:
    card(folder, "one", "", head='requires = ["two"]\nconflicts = ["two"]')
    card(folder, "two", "")


@CARDS.add(
    "conflicting-values",
    "two.toml, row change 1 (set), field wait_h: changes what 'one' changes",
    "border alma-bela-rail_1520, bela-alma-rail_1520, ceren-deniz-rail_1435 and 9 more",
    "leave one of the cards out",
    names=BOTH,
)
def _(folder: Path) -> None:
    card(folder, "one", BORDER + 'do = "set"\nvalues = { wait_h = 1 }')
    card(folder, "two", BORDER + 'do = "set"\nvalues = { wait_h = 2 }')


@CARDS.add("named-twice", "scenario, row one: is named twice", "name it once", names=("one", "one"))
def _(folder: Path) -> None:
    card(folder, "one", "")


@CARDS.add(
    "no-such-card",
    "scenario: 'borders-halfed' is not known",
    "did you mean borders-halved",
    "scenario: '../../etc/passwd' is not a name",
    names=("borders-halfed", "../../etc/passwd"),
)
def _(folder: Path) -> None:
    pass


def added(key: str, start: str, end: str) -> str:
    row = (
        f'{{ link_id = "{key}", from_node_id = "{start}", to_node_id = "{end}", '
        'mode = "rail_1520", length_km = 900 }'
    )
    return f'[[change]]\ndo = "add"\ntable = "link"\nrow = {row}'
