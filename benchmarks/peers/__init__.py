"""What the plugin is measured against: the driver, Django, and packages from PyPI if installed.

Each module has functions that make the operation of a client (``clients.MakeOperation``).
"""
