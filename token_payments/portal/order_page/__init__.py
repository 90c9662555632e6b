"""One order, for those who look after it: its tokens, its people, its log, and cancelling.

Who sees what: buyer, delegates and the managers of the order's account see and distribute its
tokens; what costs money, and who distributes, is for the buyer and those managers (the *owners*)
only. Everybody else, staff too, gets 404 as for an order that isn't there: staff have the admin.
"""
