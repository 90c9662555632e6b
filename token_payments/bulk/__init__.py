"""Many payments or assignments in one request: a job whose rows are done one after the other.

Words: a *job* pays for members from a wallet, or assigns an order's codes; each *row* of it is one
person, as somebody named them. A worker runs it by a *lease* that ends by itself if the worker
dies. *Skipped* is what needs nothing: paid or assigned before, or named twice.

Invariants: a row is marked in the transaction that does it, and only once; whoever finds it marked
takes nothing. So jobs can be killed, run twice, cancelled and tried again at any time. One row's
refusal says nothing about the others.

Not its business: what a payment or an assignment is (checkout, assignments), when workers run
(tasks), how a list that was uploaded is read (imports).
"""
