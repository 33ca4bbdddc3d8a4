"""Equilibrium of demand on links: bushes, paths, delays, hard capacity."""
