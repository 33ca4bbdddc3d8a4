"""Find a study by its name or folder."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from kervan.core.errors import Fault, NameNotFound
from kervan.core.names import match_name
from kervan.study.settings import FILE


def builtin_studies() -> dict[str, Path]:
    """Give the folder of each study that is shipped with the package.

    Returns
    -------
    dict of str to Path
        Folder by the name that opens it.
    """
    root = Path(str(files("kervan"))) / "studies"
    return {
        folder.name.replace("_", "-"): folder
        for folder in sorted(root.iterdir())
        if (folder / FILE).is_file()
    }


def find_study(name_or_folder: str | Path) -> Path:
    """Find the folder of a study.

    Parameters
    ----------
    name_or_folder : str or Path
        Name of a shipped study, or a folder that holds `study.toml`.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    NameNotFound
        If there is no such study or folder.
    """
    shipped = builtin_studies()
    if str(name_or_folder) in shipped:
        return shipped[str(name_or_folder)]
    folder = Path(name_or_folder)
    try:
        if folder.is_dir():
            return folder.resolve(strict=True)
        exists = folder.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise NameNotFound(
            [Fault("study", "", "", f"'{folder}' cannot be opened ({error})", "check the path")]
        ) from None
    if exists:
        raise NameNotFound(
            [
                Fault(
                    "study",
                    "",
                    "",
                    f"'{folder}' is a file",
                    "give the folder that holds study.toml",
                )
            ]
        )
    return shipped[
        match_name(str(name_or_folder), {name: [name] for name in shipped}, what="study")
    ]
