"""kervan: from a freight corridor's links to its trade, every number with its source.

Examples
--------
>>> import kervan
>>> study = kervan.open("toy")
>>> study.name
'toy'
"""

from __future__ import annotations

from kervan.study import Study, new_study
from kervan.study import open_study as open  # noqa: A004 - kervan.open("east-west-line") reads well

__version__ = "0.1.0"
__all__ = ["Study", "__version__", "new_study", "open"]
