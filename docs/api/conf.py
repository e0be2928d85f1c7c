"""How the reference of the Python package is built from its docstrings: `make docs`."""

from optimizer import __version__

project = "creatormix"
author = "creatormix authors"
copyright = "2026, creatormix authors"  # noqa: A001 - Sphinx reads this name
version = release = __version__

extensions = ["sphinx.ext.autodoc", "numpydoc"]
nitpicky = True  # a type that no page describes is a warning, and a warning fails
nitpick_ignore_regex = [(r"py:.*", r"(?!optimizer\b).*")]  # what is not ours has pages elsewhere
default_role = "code"

autodoc_default_options = {"members": True, "undoc-members": True}
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # autodoc lists them, with their types
numpydoc_validation_checks = {"PR01", "PR02", "PR03", "PR05", "PR10", "SS03", "YD01"}

# of what is returned, frozen and named as in the JSON, the text above says what its fields are
numpydoc_validation_exclude = {r"\.(?!Planner)[A-Z]\w*$", r"\.(dataclass|field)$"}

html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "description": "The best mix of creators for a campaign, proved"}
html_copy_source = False
html_show_sourcelink = False
