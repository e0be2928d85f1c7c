"""Guesses from the header and some rows of a file of creators which of its columns is which of ours."""
