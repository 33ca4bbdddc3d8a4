"""`kervan scenario`: list, show and check scenario cards."""

from __future__ import annotations

from typing import Annotated

import typer

from kervan.cli import layout, screens
from kervan.cli.guard import guarded, show_json
from kervan.cli.options import DEFAULT_STUDY, AsJson, Debug, Lang, StudyOption
from kervan.core.errors import CardError
from kervan.report import layouts
from kervan.scenarios import check_cards, list_cards, load_card
from kervan.study import open_study

scenario_app = typer.Typer(
    help="Scenario cards: list, show, check.", no_args_is_help=True, add_completion=False
)
Name = Annotated[str, typer.Argument(help="Name or title of a card, or the path of a TOML file.")]


@scenario_app.command("list")
def list_command(
    study: StudyOption = DEFAULT_STUDY,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """List the scenario cards of a study."""
    with guarded(as_json=as_json, debug=debug):
        opened = open_study(study)
        cards = list_cards(opened)
        if as_json:
            show_json(layouts.scenarios_layout(opened, cards))
            return
        screens.show_cards(cards, lang)


@scenario_app.command("show")
def show(
    name: Name,
    study: StudyOption = DEFAULT_STUDY,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Show one card: its changes in order."""
    with guarded(as_json=as_json, debug=debug):
        opened = open_study(study)
        card = load_card(opened, name)
        if as_json:
            show_json(layouts.scenarios_layout(opened, [card]))
            return
        screens.show_card(card, lang)


@scenario_app.command("check")
def check(
    names: Annotated[list[str], typer.Argument(help="Cards, in the order they apply.")],
    study: StudyOption = DEFAULT_STUDY,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Check cards against a study and against each other."""
    with guarded(as_json=as_json, debug=debug):
        opened = open_study(study)
        faults = check_cards(opened, names)
        if faults:
            raise CardError(faults)
        if as_json:
            cards = [load_card(opened, name) for name in names]
            show_json(layouts.scenarios_layout(opened, cards))
            return
        layout.show_ok(", ".join(names), lang)
