"""Colours, strokes and file formats shared by the figures.

Every colour has a role. Figures use the plain values; where a figure stands inside the HTML
report, `inline_svg` turns each value into a CSS variable, so that the page's dark mode reaches it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 150
CORRIDOR_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#882255",
    "#8a7b16",
    "#332288",
    "#7a4a1e",
)
"""Okabe and Ito's colour-blind-safe set without black and yellow, and four darker hues."""

OTHER_COLOUR = "#7b8794"
ROLES: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#fefefe",
        "sea": "#e3edf4",
        "land": "#f8f6f1",
        "coast": "#9db2c1",
        "border": "#b8ab9b",
        "network": "#c3beb4",
        "ink": "#1b2430",
        "muted": "#586471",
        "grid": "#dfe4e8",
        "ghost": "#a9b1ba",
        "other": OTHER_COLOUR,
    }
)
_RC: Mapping[str, object] = MappingProxyType(
    {
        "font.family": ["DejaVu Sans"],
        "font.size": 9.0,
        "svg.fonttype": "none",
        "svg.hashsalt": "kervan",
        "axes.edgecolor": ROLES["muted"],
        "axes.labelcolor": ROLES["ink"],
        "axes.unicode_minus": True,
        "text.color": ROLES["ink"],
        "xtick.color": ROLES["muted"],
        "ytick.color": ROLES["muted"],
        "xtick.labelcolor": ROLES["ink"],
        "ytick.labelcolor": ROLES["ink"],
        "axes.facecolor": ROLES["paper"],
        "figure.facecolor": ROLES["paper"],
        "savefig.facecolor": ROLES["paper"],
        "path.simplify": True,
        "lines.solid_capstyle": "round",
        "lines.solid_joinstyle": "round",
    }
)
_HUNDREDTHS = re.compile(r"(?<=\.\d\d)\d+")
_TENTHS = re.compile(r"(?<=\.\d)\d+")
_SPACE = re.compile(r" ?([MLQCz]) ?")
_NUMBERS = re.compile(r'( d| x| y)="([^"]{12,})"')


def corridor_colours(corridors: Sequence[str]) -> dict[str, str]:
    """Give every corridor of a study its colour, the same one in every figure.

    Examples
    --------
    >>> corridor_colours(["north", "south"])
    {'north': '#0072b2', 'south': '#d55e00'}
    """
    return {
        corridor: CORRIDOR_COLOURS[i] if i < len(CORRIDOR_COLOURS) else OTHER_COLOUR
        for i, corridor in enumerate(corridors)
    }


@contextmanager
def figure_style() -> Iterator[None]:
    """Set matplotlib's defaults for drawing and saving, then put the caller's own back."""
    import matplotlib as mpl  # noqa: PLC0415 (drawing libraries load only when something is drawn)

    with mpl.rc_context(cast("Any", dict(_RC))):
        yield


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of a size in inches that belongs to no window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(width, height), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def text_width(title: str, size: float, *, weight: str = "normal") -> float:
    """Width of a text in points."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415
    from matplotlib.textpath import text_to_path  # noqa: PLC0415

    font = FontProperties(family=["DejaVu Sans"], size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(title, font, ismath=False)[0])


def to_png(figure: Figure) -> bytes:
    """Render a figure as PNG, the same bytes each time."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": "kervan"},
                   pil_kwargs={"compress_level": 4})  # fmt: skip
    return buffer.getvalue()


def to_svg(figure: Figure, *, title: str) -> str:
    """Render a figure as SVG with text as text, the same bytes each time.

    Coordinates keep one decimal of a point in long lines, two in short ones; no date is written.
    """
    buffer = io.BytesIO()
    metadata = {"Date": None, "Creator": "kervan", "Title": title}
    figure.savefig(buffer, format="svg", metadata=metadata)
    written = buffer.getvalue().decode("utf-8")
    return _NUMBERS.sub(_shorten, written)


def _shorten(found: re.Match[str]) -> str:
    name, value = found.groups()
    digits = _TENTHS if len(value) > 300 else _HUNDREDTHS
    short = _SPACE.sub(r"\1", digits.sub("", value).replace("\n", ""))
    return f'{name}="{short}"'


def inline_svg(svg: str, *, prefix: str, title: str, description: str) -> str:
    """Prepare an SVG file for standing inside an HTML page.

    Parameters
    ----------
    svg : str
        What `to_svg` gave.
    prefix : str
        Put before every id, so that several figures share a page.
    title, description : str
        Name and text alternative, read by screen readers.

    Returns
    -------
    str
        An ``<svg>`` element without prolog and metadata whose colours are CSS variables.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<style.*?</style>", "", body, flags=re.DOTALL)
    referred = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", body))
    body = re.sub(r' id="([^"]+)"', lambda m: _keep_id(m[1], referred, prefix), body)
    body = re.sub(r"url\(#", f"url(#{prefix}", body)
    body = re.sub(r'href="#', f'href="#{prefix}', body)
    body = re.sub(r">\s+<", "><", body)
    for role, colour in variables().items():
        body = body.replace(colour, f"var(--{role},{colour})")
    head, _, rest = body.partition(">")
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)[0]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="{prefix}t {prefix}d">'
        f'<title id="{prefix}t">{escape(title)}</title>'
        f'<desc id="{prefix}d">{escape(description)}</desc>'
    )
    return opening + rest.strip()


def _keep_id(name: str, referred: set[str], prefix: str) -> str:
    return f' id="{prefix}{name}"' if name in referred else ""


def variables() -> dict[str, str]:
    """Colours by the name of their CSS variable."""
    numbered = {f"c{i + 1}": colour for i, colour in enumerate(CORRIDOR_COLOURS)}
    return {**ROLES, **numbered}
