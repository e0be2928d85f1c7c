"""Planning: from a scenario to a plan that has been checked, or to the reason why there is none."""
