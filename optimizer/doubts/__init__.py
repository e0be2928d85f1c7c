"""Doubts about pools and plans: one module for each kind of question, `registry` for the list of all."""
