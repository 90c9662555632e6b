"""JSON over HTTP: ``v1`` for programs, ``front`` for buttons of front ends.

They translate: a request is one call of a domain package's operation, or some of its queries. What
``v1`` refuses is answered as problem JSON (``problems.py``).
"""
