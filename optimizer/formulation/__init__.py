"""The program as arrays: rules to rows, objective to costs. Knows no solver."""
