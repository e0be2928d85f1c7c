"""The program as arrays: rules become rows, the objective becomes costs. Independent of any solver."""
