"""The documentation's build: Markdown by MyST, strict."""

project = "token_payments"
author = "The token_payments authors"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
html_theme = "furo"
html_title = "token_payments"
html_copy_source = False
html_show_sphinx = False
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nitpicky = True
