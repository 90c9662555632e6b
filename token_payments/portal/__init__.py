"""Pages for learners, buyers, members and managers: paying, orders, balances, members.

Purpose: to translate between a browser and the domain. A page reads the request, makes one call of
an operation or asks queries, and shows the answer; what is told about refusals stands in
``presenters/refusals`` alone.

What a learner enters is kept in the session as the payment method's reference, never as a code
(``session.py``), so that signing in, reloading, going back and clicking twice lose nothing and pay
once. Codes that the database refused are counted, per learner and per address (``throttling``).

What was done is told once, on the page that comes next, by Django's messages (``pages.py``). A form
that changes something carries a signed key (``presenters/once.py``), so that it does it once.

Status of an answer: 200 for a page and for a form with an error at its field; 302 after every
change; 403, 409 and 429 for refusals, as ``presenters/refusals`` says; 404 for what doesn't
exist, isn't the visitor's to see, or while the plugin is off.
"""
