"""The tokens that were assigned to the visitor's e-mail address."""
