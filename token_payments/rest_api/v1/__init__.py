"""REST API v1, below ``/token-payments/api/v1/``; docs/api.md says it to its users.

One file a resource: what it shows, what it takes, who may do what. ``base.py`` is what all share.

Rules: whoever may see a thing but not do this to it gets 403; what somebody may not see is 404 for
them. Staff and programs act by the permissions of the models that the admin goes by, too; managers,
members, buyers and learners by what is theirs.
"""
