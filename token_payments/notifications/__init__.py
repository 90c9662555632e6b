"""Who is told of what: the mails that people get, to whom they go, and what they say.

Not its business: that a mail leaves once (outbox), when workers run (tasks), the transport (hosts).
"""
