"""Tokens and codes that are about to end, and whom to tell: issues, orders' codes, learners' codes.

Words: something is *due* when one of the site's days ahead (REMINDER_DAYS: 30, 7 and 1) has come
for it since it began, and its recipient hasn't been told of that day or a nearer one. Days are
local ones of the site's zone; ``ends`` is the instant at which the last of them is over.

Invariants: each day ahead is told at most once to each recipient, however late or often this is
asked; days that were missed are told as one, the nearest; whatever ends later than before is due
anew; nothing is due that can't be used, and nobody is told who has no business with it any more.

Not its business: what mails say, and sending them (notifications).
"""
