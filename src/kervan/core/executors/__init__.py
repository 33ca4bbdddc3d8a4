"""Many tasks by one call: here, in processes of this machine, or on a Dask cluster.

The answers don't depend on who works them out: each task stands alone, and libraries that would
split a sum over threads keep to one thread everywhere.
"""

from kervan.core.executors.choose import EXECUTORS, map_tasks
from kervan.core.executors.local import WorkersLost

__all__ = ["EXECUTORS", "WorkersLost", "map_tasks"]
