"""The kinds of rules, one file each, and the registry of them."""
