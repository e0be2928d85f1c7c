"""The command line: a thin face. Answers go to stdout, messages and progress to stderr."""
