"""What the plugin adds to Django's database layer.

Transactions that are run again after a deadlock, histories with an author, versions of rows that
two people edit, statements that are compiled once, indexes that are made while others write. It
knows no model of the plugin.
"""
