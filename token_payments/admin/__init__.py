"""The host admin."""
