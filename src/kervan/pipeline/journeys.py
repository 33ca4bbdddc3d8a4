"""Modelled against observed journeys, kept between runs."""

from __future__ import annotations

import pandas as pd

from kervan.pipeline.kept import Bundle, keep
from kervan.routes.validate import compare_journeys
from kervan.study import Study


def kept_journeys(study: Study) -> pd.DataFrame:
    """Give what `compare_journeys` gives, from the disk where the same was asked before.

    Parameters
    ----------
    study : Study
        The study, all dates.

    Returns
    -------
    DataFrame
        As of `compare_journeys`; the same to the last bit, kept or new.
    """
    made = keep("journeys", study.hash, lambda: Bundle({"rows": compare_journeys(study)}, {}))
    return made.tables["rows"]
