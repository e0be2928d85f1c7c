"""What a plan may bring: outcomes drawn again and again, the same on every machine (decision 0024)."""
