"""From measured to expected figures: partial pooling of what a few posts measured."""
