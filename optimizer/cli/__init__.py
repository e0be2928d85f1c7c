"""The command line: a thin layer. Answers go to stdout, messages and progress to stderr."""
