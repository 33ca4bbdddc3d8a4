"""A study: its tables, settings, evidence and record, read together and frozen."""

from __future__ import annotations

from kervan.study.evidence import Evidence
from kervan.study.locate import builtin_studies, find_study
from kervan.study.model import Study
from kervan.study.read import open_study
from kervan.study.settings import Headline, StudySettings
from kervan.study.template import new_study

__all__ = [
    "Evidence",
    "Headline",
    "Study",
    "StudySettings",
    "builtin_studies",
    "find_study",
    "new_study",
    "open_study",
]
