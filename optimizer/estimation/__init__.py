"""From a booking to its expected outcome, as integers."""
