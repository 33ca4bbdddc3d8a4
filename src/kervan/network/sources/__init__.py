"""Detailed geometry: from open rail, road and sea data to a study's links."""

from kervan.network.sources.build import BuildReport, BuildResult, build_links, write_links

__all__ = ["BuildReport", "BuildResult", "build_links", "write_links"]
