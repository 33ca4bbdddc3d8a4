"""What a run leaves behind: tables, figures, map layers, a summary and a report to read."""

from __future__ import annotations

from kervan.report.write import write_report

__all__ = ["write_report"]
