"""Estimates: the expected outcome of each booking, as integers."""
