"""Analysis of several plans: comparisons, and planning again with other values."""
