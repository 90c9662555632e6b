"""Members' pages: what accounts hold, what became of it, and who belongs to them.

Who sees what: members of an account see its balances, its issues and every entry of its statements,
but other people's names, and reasons, which may name people, are for managers only. Managers also
change who belongs to the account, and pay for several members at once. Everybody else, staff too,
gets 404 for an account as for one that isn't there: staff have the admin.
"""
