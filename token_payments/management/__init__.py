"""Commands for operators: they read arguments, call the domain or a task once, and print.

Not its business: rules (the domain), when work is due (tasks).
"""
