"""Measures of the package's shape, each counted by one function: scripts/house.py prints them."""
