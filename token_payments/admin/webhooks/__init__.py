"""Webhooks in the admin: endpoints of accounts and of the site, and what was sent to them.

Who may what: Django's permissions of the model concerned. Rotating a secret and sending a test are
changes of the endpoint, sending again is a change of the delivery.
"""
