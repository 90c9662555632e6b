"""The writes about payments, each from the file of its feature."""

from token_payments.checkout.groups import Retried, place_in_group, retry_groups
from token_payments.checkout.members import MemberResult, pay_for_members
from token_payments.checkout.redeeming import enrol_again, redeem
from token_payments.checkout.repairs import repair_enrolment
from token_payments.checkout.reversals import handle_unenrolment, reverse
from token_payments.checkout.unenrolments import Swept, note_unenrolment, sweep_departures
