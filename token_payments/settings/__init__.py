"""The plugin's additions to the LMS's settings, at the points where the LMS asks.

Not its business: the plugin's own settings (``conf.py``).
"""
