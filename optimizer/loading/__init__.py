"""From files to a scenario, strictly: every fault is reported, each with its place."""
