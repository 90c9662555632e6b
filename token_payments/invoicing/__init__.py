"""The document of an order that bookkeepers file: its facts, its texts and its PDF.

``order_document`` gathers the facts, ``wording`` writes them in the reader's language, and the page
and the PDF (``pdf``, asked for through ``download``) only lay these texts out, so that both say the
same.

Invariants: no document has a Token Code in it. Nothing is kept: a document is made whenever
somebody looks at it, and says how the order stands then.

Not its business: the page around it (portal, admin), prices and refunds (orders).
"""
