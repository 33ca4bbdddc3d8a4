"""Spread of a journey by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.routes.spread import journey_sd, stage_sd


def test_links_of_one_mode_make_one_stage() -> None:
    kinds = ["access", "link", "link", "border", "link", "transfer", "link", "link"]
    modes = ["rail", "rail", "rail", "rail", "rail", "road", "road", "rail"]
    sd = np.array([4.0, 3.0, 4.0, 2.0, 6.0, 1.0, 5.0, 7.0])
    assert stage_sd(kinds, modes, sd) == pytest.approx([4.0, 5.0, 2.0, 6.0, 1.0, 5.0, 7.0])
    assert len(stage_sd([], [], np.zeros(0))) == 0


@pytest.mark.parametrize(("rho", "sd"), [(0.0, 5.0), (1.0, 7.0), (0.5, 37.0**0.5)])
def test_correlation(rho: float, sd: float) -> None:
    assert journey_sd(np.array([3.0, 4.0]), correlation=rho) == pytest.approx(sd)
