"""Where the LMS calls the plugin: filter steps, receivers, overrides, templates, system checks.

Invariants: the gate fails closed; whatever else fails here is logged and leaves the LMS's own page
or transaction as it was. The host's own modules are imported inside functions only.

Not its business: calling the LMS (hosts).
"""
