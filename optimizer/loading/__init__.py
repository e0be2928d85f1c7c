"""From files to a scenario: strict, complete in its complaints, with a place for each."""
