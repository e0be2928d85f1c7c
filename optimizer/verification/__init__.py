"""The independent verifier: estimates, rules, totals and the proven bound, worked out again in plain Python.

It shares with planning only what a scenario is and how it is loaded. No array, no solver: what it says rests on
integers and fractions alone.
"""
