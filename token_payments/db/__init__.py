"""The plugin's additions to Django's database layer.

Transactions that are run again after a deadlock (``transactions.py``), histories with an author
(``history.py``), versions of rows that two people edit (``versions.py``), statements that are
compiled once (``prepared.py``), indexes that are made while others write (``online_indexes.py``).

Not its business: any model of the plugin.
"""
