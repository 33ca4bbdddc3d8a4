"""Assignment and trade brought to a joint fixed point."""

from kervan.pipeline.joint.base import JointBase, joint_base
from kervan.pipeline.joint.result import JointResult
from kervan.pipeline.joint.solve import solve_joint

__all__ = ["JointBase", "JointResult", "joint_base", "solve_joint"]
