"""Dispersion and corridor constants from observed volumes, and how well they foretell."""
