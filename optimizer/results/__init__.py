"""Results as frozen plain values (plans, why there is none, comparisons, verifications), and how they are kept."""
