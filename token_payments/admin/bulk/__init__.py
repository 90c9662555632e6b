"""Bulk jobs in the admin: begun from a file, after a look at each row, and followed."""
