"""Solving: proposals from HiGHS, bounds from prices. What comes back is checked by `optimizer.planning`."""
