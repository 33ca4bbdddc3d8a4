"""The command line: parse, call, print."""

from __future__ import annotations

import io
import sys

INTERRUPTED = 130
"""Exit status where the user stops the program."""


def main() -> None:
    """Run the command line.

    What a terminal cannot show is shown as a question mark; an interrupt leaves no traceback, not
    even while the libraries are loading.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        from kervan.cli.app import app  # noqa: PLC0415 (takes a second, which can be interrupted)

        app()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)


__all__ = ["main"]
