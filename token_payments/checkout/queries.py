"""The reads about payments, and the shapes that they give."""

from token_payments.checkout.availability import Availability, AvailabilityState, get_availability
from token_payments.checkout.code_returns import CodeOutcome
from token_payments.checkout.code_search import CodePage, filter_codes, get_code_page, read_search
from token_payments.checkout.course_payments import (
    CoursePayments,
    find_course_payments,
    iterate_payments,
    list_course_orders,
    list_payments,
)
from token_payments.checkout.feed import Feed, Place, read_feed
from token_payments.checkout.groups import MAX_TRIES
from token_payments.checkout.members import (
    MAX_PEOPLE,
    MembersPreview,
    Person,
    get_people,
    preview_members,
)
from token_payments.checkout.payment_methods import get_method, list_methods
from token_payments.checkout.payment_methods.base import PaymentMethod, PaymentQuote
from token_payments.checkout.payment_methods.token_code import refer_to_code, refer_to_text
from token_payments.checkout.payment_methods.wallet_form import WalletOption, list_wallet_options
from token_payments.checkout.places import Places, count_promised, get_places
from token_payments.checkout.repairs import (
    EnrolmentState,
    RepairPreview,
    get_enrolment_state,
    preview_repair,
)
from token_payments.checkout.reversals import ReversalPreview, preview_reversal
from token_payments.checkout.rules import (
    Review,
    check_learner,
    count_seats_left,
    may_know_reason,
    must_pay_first,
    review,
)
from token_payments.checkout.unenrolments import find_ended_payment
