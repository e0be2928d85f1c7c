"""Planning: from a scenario to a checked plan, or to the reason why there is none."""
