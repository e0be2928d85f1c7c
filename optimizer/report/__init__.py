"""What planning found, for people and for programs: text, JSON, CSV."""
