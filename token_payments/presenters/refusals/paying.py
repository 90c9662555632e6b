"""Why something can't be paid for: the course, the learner, the code or the wallet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.hosts.base import HostRefusal
from token_payments.presenters.refusals.base import Entry, NextStep, Table, Texts

MEND = _("Mend that in the LMS, or reverse the payment. Nothing was changed.")
TRY_LATER = _(
    "You keep your code or tokens. Try again later, or ask whoever arranges your training."
)
PREVENTED = Texts(
    _("The site didn't allow this enrolment. Nothing was taken from you."),
    _("You keep your code or tokens. Tell the site's support which course it is."),
    title=_("You can't be enrolled now"),
    line=_("You can't be enrolled in this course now."),
    status=403,
)
NO_SUCH_COURSE = Texts(
    _("There is no course at this address."),
    _("Check the link you were given, or look for the course in the catalogue."),
    title=_("We can't find this course"),
    status=404,
    next_step=NextStep.NONE,
)
#: What strangers are told of a code, whatever the reason is.
UNUSABLE = Texts(
    _("This code can't be used for this course."),
    _(
        "Compare it with the one that you were given; if it is the same, ask the person who gave "
        "it to you. A code that came by e-mail may only work for an account with that e-mail "
        "address."
    ),
)
#: The learner may always know: it is about the learner's own address.
UNCONFIRMED = Texts(
    _("This code was given to your e-mail address. Confirm first that the address is yours."),
    _(
        "Open the link in the e-mail that the site sent when you signed up. Then enter the code "
        "again."
    ),
)

TABLE: Table = {
    errors.PaymentRefused: Entry(_("This can't be paid for"), learner=PREVENTED),
    errors.ItemNotFound: Entry(
        _("There is no such course"),
        learner=NO_SUCH_COURSE,
        customer=Texts(_("This course isn't there any more."), _("Choose another one.")),
        staff=Texts(title=_("The LMS has no such course any more")),
    ),
    errors.NotOffered: Entry(
        _("This isn't offered"),
        learner={
            "not_offered": Texts(
                _("This course can't be paid for on this page."),
                _("See the course's page for how to join it."),
                title=_("Not for sale here"),
                line=_("This course can't be joined here."),
            ),
            "payments_off": Texts(
                _(
                    "Courses can't be paid for on this site at the moment. Nothing was taken from "
                    "you."
                ),
                _("You keep your code or tokens. Try again later, or ask the site's support."),
                title=_("Payments are switched off"),
                line=_("Payments are switched off at the moment. Please try again later."),
            ),
            "method_gone": Texts(
                _(
                    "This course can't be paid for in the way you chose any more. Nothing was "
                    "taken."
                ),
                _("Go back and choose another payment method."),
                title=_("Choose another way to pay"),
                next_step=NextStep.CHECKOUT,
            ),
        },
        customer={
            "order": Texts(
                _("Token Codes can't be ordered for this course any more."),
                _("Choose another one."),
            ),
            "payments_off": Texts(
                _("Payments are switched off on this site at the moment. Nothing was taken."),
                _("Try again later."),
            ),
            "": Texts(
                _("This course can't be paid for with these tokens now. Nothing was taken."),
                _("Choose another one."),
            ),
        },
        staff={
            "payments_off": Texts(
                _("Self-enrolment (Paid) is off in the Self Enrolment Settings."),
                title=_("Payments are switched off"),
            ),
            "": Texts(
                _("The item lacks a payment method, a price or an open course mode."),
                title=_("The course can't be paid for"),
            ),
        },
    ),
    errors.NoSeats: Entry(
        _("All seats are taken"),
        learner=Texts(
            _("All seats for this course are taken. Nothing was taken from you."),
            TRY_LATER,
            title=_("No seats left"),
            line=_("All seats for this course are taken."),
        ),
        customer=Texts(
            _("No seat is left for this person."),
            _("Ask the provider of the course for seats."),
        ),
        staff=Texts(title=_("No seat is left")),
    ),
    # --- the learner
    errors.AlreadyEnrolled: Entry(
        _("The learner is enrolled already: nothing was taken"),
        learner=Texts(
            _("You are enrolled in this course, so nothing was taken now."),
            _("Go to the course to carry on. A code that you haven't used can be given to others."),
            title=_("You are already enrolled"),
            next_step=NextStep.COURSE,
        ),
        customer=_("Is enrolled already. Nothing is taken."),
        staff=Texts(title=_("Is enrolled already")),
    ),
    errors.AlreadyPaid: Entry(
        _("The learner has paid for this before: nothing was taken"),
        learner=Texts(
            _("You paid for this course before, and that payment still counts."),
            _("Enrol again at no cost: no code and no tokens are needed."),
            title=_("You have already paid"),
            line=_("You have already paid for this course. Enrol again at no cost."),
            next_step=NextStep.ENROL_AGAIN,
        ),
        customer=Texts(
            _("Has paid for this course before and left it."),
            _("The person can enrol again at no cost on the course's payment page."),
        ),
        staff=Texts(title=_("Has been paid for before")),
    ),
    errors.HostRefused: Entry(
        _("The course doesn't take the learner"),
        code="enrolment_refused",
        learner={
            HostRefusal.FULL: Texts(
                _("The course has as many learners as it takes. Nothing was taken from you."),
                TRY_LATER,
                title=_("This course is full"),
            ),
            HostRefusal.CLOSED: Texts(
                _("This course doesn't take enrolments at the moment. Nothing was taken from you."),
                _("You keep your code or tokens. See the course's page for when enrolment opens."),
                title=_("Enrolment is closed"),
                line=_("Enrolment in this course is closed."),
            ),
            HostRefusal.INVITATION_ONLY: Texts(
                _("Learners join this course by invitation. Nothing was taken from you."),
                _(
                    "Ask the course team for an invitation, then come back. You keep your code or "
                    "tokens."
                ),
                title=_("By invitation only"),
                line=_("Learners join this course by invitation."),
                status=403,
            ),
            HostRefusal.EMBARGOED: Texts(
                _("This course may not be offered where you are. Nothing was taken from you."),
                _(
                    "You keep your code or tokens. If you think it is a mistake, ask the site's "
                    "support."
                ),
                title=_("Not available in your country"),
                line=_("This course isn't available in your country."),
                status=403,
            ),
            HostRefusal.MODE_GONE: Texts(
                _(
                    "The kind of enrolment that this payment is for has ended. Nothing was taken "
                    "from you."
                ),
                _(
                    "See the course's page for how to join it, or ask whoever arranges your "
                    "training."
                ),
                title=_("No longer sold in this way"),
                line=_("This course isn't sold in this way any more."),
            ),
            HostRefusal.NOT_FOUND: NO_SUCH_COURSE,
            HostRefusal.PREVENTED: PREVENTED,
            "": PREVENTED,
        },
        customer={
            HostRefusal.FULL: Texts(_("The course is full."), _("Ask the provider of the course.")),
            HostRefusal.CLOSED: Texts(
                _("Enrolment is closed."), _("See the course's page for when it opens.")
            ),
            HostRefusal.INVITATION_ONLY: Texts(
                _("The course is by invitation."),
                _("Ask the course team to invite this person."),
            ),
            HostRefusal.EMBARGOED: _("The course may not be offered in this person's country."),
            HostRefusal.MODE_GONE: Texts(
                _("This kind of enrolment has ended."), _("Ask the provider of the course.")
            ),
            "": Texts(
                _("The site doesn't allow this enrolment. Nothing is taken."),
                _("Ask its support."),
            ),
        },
        staff={
            "unenrol": _("The LMS doesn't let this learner be unenrolled. Nothing was changed."),
            HostRefusal.FULL: Texts(
                _("The LMS doesn't enrol this learner: the course is full."),
                MEND,
                title=_("The course is full"),
            ),
            HostRefusal.CLOSED: Texts(
                _("The LMS doesn't enrol this learner: enrolment in the course is closed."),
                MEND,
                title=_("Enrolment is closed"),
            ),
            HostRefusal.INVITATION_ONLY: Texts(
                _(
                    "The LMS doesn't enrol this learner: the course is by invitation only, and the "
                    "learner isn't invited."
                ),
                MEND,
                title=_("The course is by invitation"),
            ),
            HostRefusal.EMBARGOED: Texts(
                _(
                    "The LMS doesn't enrol this learner: the course may not be offered in the "
                    "learner's country."
                ),
                MEND,
                title=_("The course may not be offered in this person's country"),
            ),
            HostRefusal.MODE_GONE: Texts(
                _(
                    "The LMS doesn't enrol this learner: the course has no longer the mode that "
                    "was paid for."
                ),
                MEND,
                title=_("The course has no longer this mode"),
            ),
            HostRefusal.NOT_FOUND: Texts(
                _("The LMS doesn't enrol this learner: there is no such course any more."),
                MEND,
                title=_("The LMS has no such course any more"),
            ),
            "": Texts(
                _("The LMS doesn't enrol this learner: another part of the LMS prevents it."),
                MEND,
                title=_("The site doesn't allow this enrolment"),
            ),
        },
    ),
    # --- what was chosen to pay with
    errors.ChoiceRefused: Entry(
        _("This can't pay"),
        learner=Texts(
            _("This can't pay for the course. Nothing was taken."), _("Choose something else.")
        ),
    ),
    errors.CodeMistyped: Entry(
        _("There is a typing error in this Token Code"),
        learner=Texts(
            _("There is a typing error in the code of the link that you followed."),
            _("Enter the code here."),
        ),
    ),
    errors.CodeNotRedeemable: Entry(
        _("This Token Code can't be used here"),
        code="code_not_redeemable",
        learner={"unconfirmed": UNCONFIRMED, "": UNUSABLE},
        # those who look after the order, staff, and whom the code was given to
        customer={
            "unknown": UNUSABLE,
            "used": Texts(
                _("This code of order %(order)s has been used already."), _("Take another one.")
            ),
            "cancelled": Texts(
                _("This code of order %(order)s was cancelled."), _("Take another one.")
            ),
            "wrong_course": Texts(
                _("This code of order %(order)s is for another course: %(course)s."),
                _("Use it there."),
            ),
            "past_redeem_by": Texts(
                _("This code of order %(order)s had to be redeemed by %(redeem_by)s."),
                _("Order new codes, or ask for the date to be changed."),
            ),
            "order_not_processed": _(
                "Order %(order)s isn't processed yet. This code works as soon as it is."
            ),
            "assigned": Texts(
                _(
                    "This code of order %(order)s was given to somebody else: only an account with "
                    "the e-mail address %(holder)s can use it."
                ),
                _("Take another one, or give it to somebody else on the order's page."),
            ),
            "unconfirmed": UNCONFIRMED,
        },
    ),
}
