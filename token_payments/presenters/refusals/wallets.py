"""Why tokens of an account can't be spent, issued, changed, moved or watched; and its members."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from token_payments import errors
from token_payments.presenters.refusals.base import Entry, Table, Texts

TABLE: Table = {
    errors.AccountFrozen: Entry(
        _("The account is frozen"),
        learner=Texts(
            _("This account is frozen, so nothing can be spent from it. Nothing was taken."),
            _("Choose another one, or ask a manager of the account."),
        ),
        customer={
            "transfer": Texts(
                _(
                    "“%(account)s” is frozen, so nothing can leave it or come to it. Nothing was "
                    "moved."
                ),
                _("Ask the site's support to unfreeze it."),
            ),
            "": Texts(
                _("This account is frozen, so nothing can be spent from it or ordered for it."),
                _("Ask the site's support to unfreeze it."),
            ),
        },
        staff={
            "order": Texts(
                _("The account is frozen: nothing can be issued to it."),
                _("Unfreeze it, or choose another account for the order."),
            ),
            "": _("“%(account)s” is frozen: unfreeze it first."),
        },
    ),
    errors.InsufficientTokens: Entry(
        _("There are not enough tokens"),
        facts=("wanted", "available"),
        learner=_(
            "There aren't enough of these tokens any more: the course costs %(wanted)s, and "
            "%(available)s can be spent. Nothing was taken."
        ),
        customer={
            "transfer": _("Only %(available)s can be transferred now. Nothing was moved."),
            "": _("The tokens didn't suffice any more. Nothing was taken."),
        },
        staff={
            "transfer": ngettext_lazy(
                "Only %(available)s token can be transferred now.",
                "Only %(available)s tokens can be transferred now.",
                "available",
            ),
            "": Texts(
                ngettext_lazy(
                    "Only %(available)s token remains in this issue.",
                    "Only %(available)s tokens remain in this issue.",
                    "available",
                ),
                title=_("Not enough tokens are left"),
            ),
        },
    ),
    errors.WalletNotChosen: Entry(
        _("Say which wallet pays"),
        learner=_("Choose which account's tokens to pay with."),
    ),
    errors.TokenPriceChanged: Entry(
        _("It costs another number of tokens"),
        facts=("agreed", "now"),
        pick=lambda error: "gone" if error.now is None else error.reason,
        learner={
            "gone": Texts(
                _(
                    "This course can't be paid for with tokens of this type any more. Nothing was "
                    "taken."
                ),
                _("Choose others."),
            ),
            "": Texts(
                _("The price has changed from %(agreed)s tokens to %(now)s. Nothing was taken."),
                _("Choose again at the new price."),
            ),
        },
        customer={
            "gone": Texts(
                _("This course can't be paid for with these tokens now. Nothing was taken."),
                _("Choose another one."),
            ),
            "": Texts(_("The price has changed. Nothing was taken."), _("Start again to see it.")),
        },
        staff=Texts(title=_("The price has changed")),
    ),
    # --- members, managers, and whom to tell
    errors.NotAMember: Entry(
        _("The learner is no member of the account that would pay"),
        learner=Texts(
            _("You aren't a member of the account that was to pay. Nothing was taken."),
            _("Choose another one, or ask whoever looks after it to add you."),
        ),
        customer=Texts(
            _("Not a member of this account."), _("Check the spelling, or add the person first.")
        ),
        staff=Texts(title=_("Not a member of the account, or unknown")),
    ),
    errors.NotAManager: Entry(
        _("Only managers of the account pay for others"),
        learner=_("Only managers of an account can pay for others. Nothing was taken."),
        customer={
            "transfer": _("You don't manage “%(account)s” any more. Nothing was moved."),
            "": _("You don't manage this account any more. Nothing was taken."),
        },
        staff=Texts(title=_("Whoever began this may not pay for others any more")),
    ),
    errors.TooManyPeople: Entry(
        _("These are too many people"),
        status=400,
        facts=("limit",),
        customer=Texts(_("At most %(limit)s people can be paid for at a time."), _("Take fewer.")),
        staff=Texts(_("At most %(limit)s people can be in one list."), _("Split it.")),
    ),
    errors.LastManager: Entry(
        _("An account that has a manager keeps one"),
        customer=_(
            "The account needs a manager: make somebody else manager first. Nothing was changed."
        ),
        staff=_("This is the account's only manager: make somebody else a manager first."),
    ),
    errors.AddressesRefused: Entry(
        _("These aren't addresses that can be told"),
        status=400,
        customer={
            "no_address": Texts(
                _("“%(address)s” is no e-mail address."), _("Check how it is written.")
            ),
            "too_many": _("These are too many addresses: at most %(limit)s can be told."),
            "too_long": Texts(
                _("These addresses are too long together."), _("Enter fewer of them.")
            ),
        },
        staff={
            "no_address": _("“%(address)s” is no e-mail address."),
            "too_many": _("At most %(limit)s addresses can be told."),
            "too_long": _("These addresses are too long together."),
        },
    ),
    # --- token types and issues
    errors.TypeArchived: Entry(
        _("The token type is archived"),
        customer={
            "transfer": Texts(
                _("Tokens of this type aren't issued any more, so they can't be transferred."),
                _("They can still be spent here."),
            ),
            "": Texts(_("These tokens aren't sold any more."), _("Choose others.")),
        },
        staff={
            "order": Texts(
                _("The token type is archived: nothing is issued in it any more."),
                _("Restore it, or choose another type for the order."),
            ),
            "": _("The token type is archived: restore it first, or choose another one."),
        },
    ),
    errors.TypeInUse: Entry(
        _("The token type is in use: archive it instead"),
    ),
    errors.ManualIssuesNotAllowed: Entry(
        _("On this site tokens are issued through token orders only"),
        staff=_(
            "“Allow Manual Raising of Issues” is off in the training token settings: tokens "
            "are issued by processing a token order."
        ),
    ),
    errors.AdjustmentsNotAllowed: Entry(
        _("On this site token issues aren't adjusted"),
        staff=_(
            "“Allow Adjustments to Token Issues” is off in the training token settings: "
            "balances change by orders, their cancellation, redemptions and reversals only."
        ),
    ),
    errors.IssueExpired: Entry(
        _("The tokens have expired: raise a new issue instead"),
        customer=Texts(_("These tokens have expired. Nothing was moved."), _("Choose others.")),
        staff={
            "transfer": _("This issue has expired: its tokens can't be transferred any more."),
            "": _("Expired: raise a new issue instead."),
        },
    ),
    errors.IssueFull: Entry(
        _("The issue can't hold so many"),
        facts=("room",),
        staff=Texts(
            ngettext_lazy(
                "This issue has room for %(room)s more token.",
                "This issue has room for %(room)s more tokens.",
                "room",
            ),
            _("Raise another issue instead."),
        ),
    ),
    errors.ExpiryNotLater: Entry(
        _("Tokens must expire in the future, and later than before"),
        staff={
            "order": Texts(
                _("The order's expiry day is over."),
                _("Choose a later day, or none, in the order's details."),
            ),
            "extend": _("It expires on that day or later already: choose a later day."),
            "": _("This day is over: choose today or a later day."),
        },
    ),
    errors.LedgerIsAppendOnly: Entry(_("What is in the ledger stays as it is")),
    # --- transfers
    errors.TransfersNotAllowed: Entry(
        _("On this site managers don't transfer tokens"),
        customer=Texts(
            _("The site doesn't allow transfers by managers any more. Nothing was moved."),
            _("Ask its support."),
        ),
    ),
    errors.TransferToItself: Entry(
        _("The tokens belong to this account already"),
        customer=Texts(_("These tokens are this account's already."), _("Choose another one.")),
        staff=_("These tokens are this account's already: enter another one."),
    ),
}
