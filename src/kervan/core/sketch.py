"""Small pictures as plain SVG text, for notebooks and reports without a plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

PALETTE = ("#0b6e75", "#c8552b", "#5b4b9a", "#8a6d1d", "#3f7d3a", "#a03a6c", "#4a5a6a")


def share_bars(labels: Sequence[str], shares: Sequence[float], *, width: int = 420) -> str:
    """Draw shares as horizontal bars.

    Parameters
    ----------
    labels : sequence of str
        Name of each bar.
    shares : sequence of float
        Lengths in [0, 1].
    width : int, optional
        Width in pixels.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    row, left = 20, 170
    height = row * len(labels) + 4
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
    ]
    for i, (label, share) in enumerate(zip(labels, shares, strict=True)):
        y, bar = 2 + i * row, max(1.0, share * (width - left - 50))
        parts.append(
            f'<text x="{left - 6}" y="{y + 14}" text-anchor="end" fill="currentColor">'
            f"{escape(label)}</text>"
            f'<rect x="{left}" y="{y + 3}" width="{bar:.1f}" height="14" '
            f'fill="{PALETTE[i % len(PALETTE)]}"/>'
            f'<text x="{left + bar + 5:.1f}" y="{y + 14}" fill="currentColor">{share:.0%}</text>'
        )
    return "".join([*parts, "</svg>"])
