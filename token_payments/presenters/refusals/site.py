"""Refusals that say nothing of tokens: keys, versions, settings, lists, limits, webhooks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from token_payments import errors
from token_payments.presenters.refusals.base import Entry, NextStep, Table, Texts
from token_payments.presenters.refusals.paying import PREVENTED

#: Two did something at the same time, of which a file that is loaded is one.
LOAD_AGAIN = Texts(_("Somebody changed this at the same time: load the file again."))
TOO_BIG = Texts(_("The list is too large. Split it, and use at most 5,000 people at a time."))
OLD_FORMAT = Texts(
    _("This file is in Excel's old format, or has a password."),
    _("Save it as XLSX or CSV without a password, and choose that file."),
)
NOT_A_LIST = Texts(
    _("This file can't be read."), _("Save the list as CSV or XLSX, and choose that file.")
)
RUNNING = _("A request with this Idempotency-Key is still running")

TABLE: Table = {
    errors.TokenPaymentsError: Entry(
        _("This is not possible"),
        code="refused",
        learner=PREVENTED,
        customer=Texts(_("This couldn't be done. Nothing was changed."), _("Try again.")),
    ),
    # --- keys and versions
    errors.IdempotencyConflict: Entry(
        _("The key was used before, with other arguments"),
        status=422,
        customer={
            "cancelling": Texts(
                _("This form was sent before with another number."),
                _("Look at the lists below, then send it again if more is to be cancelled."),
            ),
            "": Texts(
                _("This form was sent before with something else in it. Nothing was changed now."),
                _("See what was done then, and start again if more is to be done."),
            ),
        },
        staff={
            "cancelling": Texts(
                _("This form was saved before, with other numbers."),
                _(
                    "Look at Token Cancellations / Refunds, then open the form again if more is to "
                    "be cancelled."
                ),
            ),
            "load": LOAD_AGAIN,
            "": Texts(
                _("This form was saved before, with other content."),
                _("See what was done then, and open the form again if more is to be done."),
            ),
        },
    ),
    errors.KeyReused: Entry(
        _("The Idempotency-Key was used before, for another request"), status=422
    ),
    errors.RequestRunning: Entry(RUNNING),
    errors.ClaimLost: Entry(RUNNING),
    errors.VersionConflict: Entry(
        _("Somebody else changed this: read it again"), status=412, staff=LOAD_AGAIN
    ),
    errors.NameTaken: Entry(_("Another one has this name"), facts=("field",), staff=LOAD_AGAIN),
    errors.JobBusy: Entry(
        _("A worker is at this job"),
        staff=_("A worker is at it, or was within the last minute."),
    ),
    # --- settings, mails, lists and the catalogue
    errors.ConfigurationError: Entry(
        _("The site isn't set up for this at the moment"),
        status=503,
        learner={
            "code": Texts(
                _(
                    "Codes can't be shown at the moment, since something is wrong with this site's "
                    "settings."
                ),
                _("You can still select Use it."),
            ),
            "": Texts(
                _("Something is wrong with this site's settings. Nothing was taken from you."),
                _("You keep your code or tokens. Try again later, or ask the site's support."),
                title=_("Payments don't work at the moment"),
                line=_("Payments don't work at the moment. Please try again later."),
            ),
        },
        customer={
            "code": Texts(
                _("Token codes can't be shown at the moment: the site's settings are incomplete."),
                _("Ask the site's support; nothing is lost."),
            ),
            "": Texts(
                _("Something is wrong with this site's settings."),
                _("Try again later, or ask the site's support."),
            ),
        },
        staff={
            "code": Texts(
                _(
                    "The server's settings lack the secret that Token Codes are made with. Nothing "
                    "was changed."
                ),
                _("Ask the operator: %(detail)s."),
            ),
            "webhook": _("There is no key to make secrets with: %(detail)s. Nothing was changed."),
            "": Texts(
                _("Something is wrong with the server's settings. Nothing was changed."),
                _("Ask the operator: %(detail)s."),
            ),
        },
    ),
    errors.MailOutcomeUnknown: Entry(_("Nobody knows whether the mail left"), status=503),
    errors.ListUnreadable: Entry(
        _("The list can't be read"),
        status=400,
        customer={
            "too_big": TOO_BIG,
            "too_long": _(
                "The list is too long. At most 5,000 people can be given tokens at a time, in "
                "at most 10,000 rows: split it, or remove blank rows."
            ),
            "old_format": OLD_FORMAT,
            "not_a_list": NOT_A_LIST,
            "empty": _("No e-mail address was found in it. Each row needs one."),
        },
        staff={
            "load.too_big": Texts(
                _("The file is too large: it may have %(megabytes)s MB, unpacked as well."),
                _("Save a spreadsheet as CSV, or divide it."),
            ),
            "load.too_long": _("The file has more than %(rows)s rows: divide it."),
            "load.old_format": Texts(
                _("This is an old Excel file, or has a password."),
                _("Save it as XLSX or CSV without one."),
            ),
            "load.not_a_list": Texts(
                _("This is neither CSV nor XLSX."), _("Save the table as one of them.")
            ),
            "too_big": TOO_BIG,
            "too_long": _("The list is too long. Split it: at most 5,000 people at a time."),
            "old_format": OLD_FORMAT,
            "not_a_list": NOT_A_LIST,
            "empty": _("Nobody was found in it. Each row needs one person."),
        },
    ),
    errors.InvalidItem: Entry(
        _("The catalogue item can't be saved like this"),
        status=400,
        # Each field has a problem of its own: the first one, unless the caller names another.
        pick=lambda error: next(iter(error.problems.values())),
        staff={
            "item_not_found": Texts(
                _("There is no course “%(key)s” in this LMS."),
                _("Check the course key, or pick a course from the suggestions."),
            ),
            "unknown_currency": _(
                "“%(currency)s” is not a currency: enter three letters, e.g. GBP."
            ),
            "no_currency": _("Enter the currency of the price: the course mode has none."),
            "unknown_mode": _("The course has no open mode “%(mode)s”. It has: %(modes)s."),
            "no_paid_mode": Texts(
                _("The course has no paid mode that is open now."),
                _("Choose the mode that learners who pay are enrolled in. It has: %(modes)s."),
            ),
            "no_price": _("Enter a price: the course mode has none."),
            "no_payment_method": _("Choose at least one payment method for a paid item."),
            "no_token_price": _(
                "Enter a price in tokens: the item is to be paid with training tokens."
            ),
            "token_price_too_low": _(
                "A price is at least 1 token. Leave the field empty for no price."
            ),
            "type_archived": _(
                "An archived token type gets no new price: keep the one it has, or none."
            ),
            "load.item_not_found": _("The LMS has no such course any more."),
            "load.unknown_mode": _(
                "The item's course mode isn't open any more: choose another one."
            ),
            "load.no_paid_mode": _("The course has no paid mode that is open now: add one first."),
            "load.no_token_price": _(
                "It is paid with training tokens: write a price in them first."
            ),
            "load.type_archived": _(
                "The token type is archived: restore it first, or choose another one."
            ),
            "load": _("The catalogue item can't be saved as it is: open it and see what it lacks."),
            "meanwhile": Texts(_("The course was changed meanwhile."), _("Please try again.")),
        },
    ),
    # --- webhooks
    errors.EndpointRefused: Entry(
        _("Webhooks can't be sent to this address"),
        status=400,
        staff={
            "not_a_url": _("This is no address: write it as https://hooks.example.com/tokens."),
            "too_long": _("This address is too long."),
            "scheme": _("The address has to begin with https://."),
            "credentials": _("No user and no password may stand in the address."),
            "port": _("This port isn't allowed: leave it out, or use 443."),
            "address": Texts(
                _("This address isn't on the internet."),
                _("The setting WEBHOOK_NETWORKS can allow networks of your own."),
            ),
        },
    ),
    errors.TooManyEndpoints: Entry(
        _("There are as many webhook endpoints as may be"),
        facts=("limit",),
        staff=_("There are %(limit)s endpoints already: remove one first."),
    ),
    # --- limits
    errors.TooManyAttempts: Entry(
        _("Too many codes were refused"),
        status=429,
        facts=("wait",),
        learner=Texts(
            _("Too many codes were tried that can't be used."),
            _("Try again at %(time)s, in %(minutes)s min. What you entered is kept until then."),
            title=_("Please wait a little"),
            next_step=NextStep.REVIEW,
        ),
    ),
    errors.TooManyMisses: Entry(
        _("Too many people weren't found"),
        status=429,
        facts=("minutes", "wait"),
        customer=Texts(
            _("Too many addresses and names weren't found."),
            _("Wait %(minutes)s min, then try again."),
        ),
    ),
    errors.DoneTooOften: Entry(
        _("Request was throttled."),
        status=429,
        facts=("wait",),
        customer=Texts(
            _("You have done this very often. Nothing was sent."),
            ngettext_lazy(
                "Try again in %(minutes)s minute.", "Try again in %(minutes)s minutes.", "minutes"
            ),
        ),
    ),
}
