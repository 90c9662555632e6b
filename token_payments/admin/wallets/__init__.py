"""Wallets in the admin: the switches, token types, accounts, token issues and the ledger.

Who may what: Django's permissions of the model concerned. Raising takes *add token issue*,
extending and adjusting *change token issue*, a statement *view ledger entry*; members, freezing and
unfreezing are changes of the account, archiving and restoring changes of the type. Issues and
ledger entries are never edited or deleted.
"""
