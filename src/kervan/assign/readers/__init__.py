"""Readers of assignment instances: TNTP files, GMNS folders, OMX matrices."""

from kervan.assign.readers.gmns import read_gmns
from kervan.assign.readers.omx import read_omx
from kervan.assign.readers.tntp import Instance, read_tntp

__all__ = ["Instance", "read_gmns", "read_omx", "read_tntp"]
