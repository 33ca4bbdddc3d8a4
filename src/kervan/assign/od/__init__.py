"""Demand matrices from counts and a prior."""
