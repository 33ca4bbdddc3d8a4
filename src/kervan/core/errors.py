"""Errors of the library.

The tree::

    KervanError
    ├── InputError            what a person wrote is wrong; carries every fault found
    │   ├── TableError        a table of a study
    │   ├── UnitError         a unit that cannot be converted
    │   ├── RecordError       a source or claim of the record
    │   ├── CardError         a scenario card
    │   ├── Saturated         more cargo arrives for a service than it can ever take
    │   └── NameNotFound      a place, corridor, scenario or study that does not exist
    ├── NotConverged          a solver stopped early; carries its last iterate
    ├── Infeasible            the question has no answer
    │   └── NoRoute           no open route joins two places
    └── MissingExtra          an optional part of the installation is absent
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "CardError",
    "Fault",
    "Infeasible",
    "InputError",
    "KervanError",
    "MissingExtra",
    "NameNotFound",
    "NoRoute",
    "NotConverged",
    "RecordError",
    "Saturated",
    "TableError",
    "UnitError",
]

MAX_FAULTS_SHOWN = 200


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in the input, and what to do about it.

    Attributes
    ----------
    table : str
        Table, file or card the fault is in.
    row : str
        Row key or line; empty when the whole table is meant.
    field : str
        Field; empty when the whole row is meant.
    problem : str
        What is wrong.
    remedy : str
        What to do.
    """

    table: str
    row: str
    field: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        """One line: table, row, field: problem; remedy."""
        where = self.table
        if self.row:
            where += f", row {self.row}"
        if self.field:
            where += f", field {self.field}"
        return f"{where}: {self.problem} -> {self.remedy}"


class KervanError(Exception):
    """Base of every error raised on purpose."""


class InputError(KervanError):
    """Input that a person can mend; lists every fault found.

    Parameters
    ----------
    faults : sequence of Fault
        All faults, in the order of the tables.
    heading : str, optional
        First line of the message.
    """

    def __init__(self, faults: Sequence[Fault], heading: str = "") -> None:
        self.faults = tuple(faults)
        self.heading = heading or _count(len(self.faults))
        super().__init__(self.heading)

    def __str__(self) -> str:
        """Heading, then one line per fault."""
        if len(self.faults) == 1 and not self.heading.endswith(":"):
            return str(self.faults[0])
        shown = [f"  {fault}" for fault in self.faults[:MAX_FAULTS_SHOWN]]
        hidden = len(self.faults) - len(shown)
        if hidden > 0:
            shown.append(f"  … and {hidden} more")
        return "\n".join([self.heading, *shown])


class TableError(InputError):
    """A study's table is wrong."""


class UnitError(InputError):
    """A unit is unknown or cannot be converted."""


class RecordError(InputError):
    """A source or a claim of the record is wrong."""


class CardError(InputError):
    """A scenario card is wrong or conflicts with the study or another card."""


class Saturated(InputError):
    """More cargo arrives for a service than all its departures can take."""


class NameNotFound(InputError):
    """A name is unknown; the remedy lists the nearest ones."""


class NotConverged(KervanError):
    """A solver stopped before its tolerance.

    Parameters
    ----------
    message : str
        What did not converge, the residual and the limit.
    last : object
        The last iterate.
    """

    def __init__(self, message: str, last: object = None) -> None:
        super().__init__(message)
        self.last = last


class Infeasible(KervanError):
    """The question has no answer under these inputs."""


class NoRoute(Infeasible):
    """No open route joins two places for a commodity."""


class MissingExtra(KervanError):
    """An optional dependency is not installed.

    Parameters
    ----------
    what : str
        What was asked for.
    extra : str
        Name of the extra that brings it.
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra '{extra}': pip install 'kervan[{extra}]'")


def _count(n: int) -> str:
    return f"{n} fault{'' if n == 1 else 's'} in the input"
