"""Broken `study.toml`."""

from __future__ import annotations

from pathlib import Path

from breaking import Cases, overwrite, swap

SETTINGS = Cases()


@SETTINGS.add("no-settings", "study.toml: the file is missing", "kervan new DIR")
def _(folder: Path) -> None:
    (folder / "study.toml").unlink()


@SETTINGS.add("not-toml", "study.toml: is not TOML", "line 5", "mend the line")
def _(folder: Path) -> None:
    swap(folder, "study.toml", 'name = "toy"', "name = toy")


@SETTINGS.add("settings-in-latin", "study.toml: is not UTF-8 text", "save the file as UTF-8")
def _(folder: Path) -> None:
    overwrite(folder, "study.toml", (folder / "study.toml").read_text("utf-8").encode("cp1254"))


@SETTINGS.add(
    "unknown-setting",
    "study.toml, field carbon_price: unknown setting",
    "did you mean carbon_price_usd_per_t?",
)
def _(folder: Path) -> None:
    swap(folder, "study.toml", "carbon_price_usd_per_t", "carbon_price")


@SETTINGS.add("wrong-version", "study.toml, field schema_version", "reads schema_version 1")
def _(folder: Path) -> None:
    swap(folder, "study.toml", "schema_version = 1", "schema_version = 99")


@SETTINGS.add(
    "missing-settings",
    "study.toml, field price_year: the setting is missing",
    "add price_year",
    "study.toml, field title_tr: the setting is missing",
)
def _(folder: Path) -> None:
    swap(folder, "study.toml", "price_year = 2025\n", "")
    swap(folder, "study.toml", "title_tr", "# title_tr")


@SETTINGS.add(
    "wrong-types",
    "study.toml, field base_year: must be a year",
    "study.toml, field carbon_price_usd_per_t: must be a number between 0 and 10000",
    "study.toml, field leg_correlation: must be a number between 0 and 1",
    "study.toml, field title_en: must be text",
)
def _(folder: Path) -> None:
    swap(folder, "study.toml", "base_year = 2025", 'base_year = "2025"')
    swap(folder, "study.toml", "= 50.0", "= nan")
    swap(folder, "study.toml", "leg_correlation = 0.5", "leg_correlation = 1.5")
    swap(folder, "study.toml", 'title_en = "Toy study: six invented countries"', "title_en = 6")


@SETTINGS.add("endless-number", "study.toml, field carbon_price_usd_per_t: must be a number")
def _(folder: Path) -> None:
    swap(folder, "study.toml", "= 50.0", "= 1" + "0" * 400)


@SETTINGS.add("path-for-a-name", "study.toml, field name", "lower-case letters", "no path")
def _(folder: Path) -> None:
    swap(folder, "study.toml", '"toy"', '"../../etc"')


@SETTINGS.add(
    "unknown-default",
    "study.toml, field default_origin: 'Atlantis' is not in the tables",
    "headline 1 commodity: 'gold' is not",
)
def _(folder: Path) -> None:
    swap(folder, "study.toml", 'default_origin = "alma"', 'default_origin = "Atlantis"')
    swap(folder, "study.toml", '\ncommodity = "containers"', '\ncommodity = "gold"')


@SETTINGS.add(
    "headline-without-end", "study.toml, field headline", "origin, destination and commodity"
)
def _(folder: Path) -> None:
    swap(folder, "study.toml", '\ndestination = "deniz"', "")


@SETTINGS.add("nested-without-end", "study.toml: ", "nested too deeply")
def _(folder: Path) -> None:
    overwrite(folder, "study.toml", b"a = " + b"[" * 100_000)


@SETTINGS.add("settings-loop", "study.toml: cannot be read", "check the file")
def _(folder: Path) -> None:
    (folder / "study.toml").unlink()
    (folder / "study.toml").symlink_to("study.toml")


@SETTINGS.add(
    "one-party-of-targets",
    "study.toml, field target_parties: must be two different country codes",
    "mend the setting",
)
def _(folder: Path) -> None:
    swap(folder, "study.toml", 'focus = ["lake"]', 'target_parties = ["XAA", "XAA"]')


@SETTINGS.add(
    "party-without-zone",
    "study.toml, field target_parties: 'XZZ' is not in the tables",
    "name a row of the tables",
)
def _(folder: Path) -> None:
    swap(folder, "study.toml", 'focus = ["lake"]', 'target_parties = ["XAA", "XZZ"]')


@SETTINGS.add(
    "half-a-question",
    "study.toml, field question_known: the question is not whole",
    "study.toml, field target_parties: the question needs them",
    "study.toml, field question_with: there is no card 'bridge'",
)
def _(folder: Path) -> None:
    asked = 'question_with = "bridge"\nquestion_without = "tunnel"'
    swap(folder, "study.toml", 'focus = ["lake"]', asked)
