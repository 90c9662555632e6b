"""The reads about payments, and the shapes that they give."""

from token_payments.checkout.code_returns import CodeOutcome
from token_payments.checkout.code_search import CodePage, filter_codes, get_code_page, read_search
from token_payments.checkout.course_payments import (
    CoursePayments,
    find_course_payments,
    iterate_payments,
    list_course_orders,
    list_payments,
)
from token_payments.checkout.departures import find_departure
from token_payments.checkout.entrances import Entrance, EntranceState, find_entrance
from token_payments.checkout.feed import Feed, Place, read_feed
from token_payments.checkout.groups import MAX_TRIES
from token_payments.checkout.members import (
    MAX_PEOPLE,
    MembersPreview,
    Person,
    find_people,
    preview_members,
)
from token_payments.checkout.payment_methods import get_method, list_methods
from token_payments.checkout.payment_methods.base import PaymentMethod, PaymentQuote
from token_payments.checkout.payment_methods.token_code import refer_to_code, refer_to_text
from token_payments.checkout.payment_methods.wallet_form import WalletOption, list_wallet_options
from token_payments.checkout.places import Places, count_promised, find_places
from token_payments.checkout.repairs import RepairPreview, Standing, find_standing, preview_repair
from token_payments.checkout.reversals import ReversalPreview, preview_reversal
from token_payments.checkout.rules import (
    Review,
    check_learner,
    count_seats_left,
    may_know_reason,
    must_pay_first,
    review,
)
