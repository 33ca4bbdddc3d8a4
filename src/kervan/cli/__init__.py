"""The command line: parse, call, print."""

from __future__ import annotations

from kervan.cli.app import app


def main() -> None:
    """Run the command line."""
    app()


__all__ = ["app", "main"]
