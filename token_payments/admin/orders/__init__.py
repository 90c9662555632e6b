"""Token Orders in the admin: the list, the form, and the pages of one order.

One order has four pages under one head (status with its *Change* menu, figures, tabs): details,
Tokens, Token Cancellations / Refunds, log. Codes are masked everywhere until somebody who may
change orders reveals or downloads them, which is logged. No code ever stands in an address or a
title.
"""
