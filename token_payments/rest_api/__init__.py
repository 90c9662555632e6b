"""What programs are served, as JSON: ``v1`` for programs, ``front`` for buttons of front ends.

They translate, and make one call into ``token_payments.api``. What ``v1`` refuses is answered as
problem JSON (``problems.py``).
"""
