"""System checks: what an operator got wrong is named, with what to write where."""

from types import SimpleNamespace
from unittest import mock

import pytest
from ddt import data, ddt, unpack
from django.conf import settings
from django.core.checks import Error, run_checks
from django.core.checks import Warning as CheckWarning
from django.db import connection
from django.test import SimpleTestCase, TestCase, override_settings

from token_payments.lms.checks import configuration
from token_payments.settings.common import ENROLMENT_FILTER, GATE_STEP

KEYS = {"2026": "k" * 32}
OTHER = "other.pipeline.Step"


def run():
    return run_checks(tags=[configuration.TAG])


def ids():
    return [message.id.partition(".")[2] for message in run()]


def with_keys(**values):
    return override_settings(TOKEN_PAYMENTS={"CODE_KEYS": KEYS, **values})


def with_filter(config):
    return override_settings(OPEN_EDX_FILTERS_CONFIG={ENROLMENT_FILTER: config} if config else {})


@ddt
class GateTest(SimpleTestCase):
    def test_the_settings_of_the_plugin_are_right(self):
        assert run() == []

    @data(
        (None, ["E001"]),
        ([], ["E001"]),
        ({"pipeline": [OTHER], "fail_silently": True}, ["E001"]),
        ({"pipeline": [GATE_STEP], "fail_silently": True}, ["E003"]),
        ({"pipeline": [GATE_STEP]}, ["E003"]),
        ([GATE_STEP], ["E003"]),
        (GATE_STEP, ["E003"]),
        ({"pipeline": [OTHER, GATE_STEP], "fail_silently": False}, ["E002"]),
        ([OTHER, GATE_STEP], ["E002", "E003"]),
        ({"pipeline": [GATE_STEP, OTHER], "fail_silently": False}, []),
    )
    @unpack
    def test_a_gate_that_others_can_get_round(self, config, expected):
        with with_filter(config):
            assert ids() == expected
            with override_settings(TOKEN_PAYMENTS_ENABLED=False):
                assert ids() == []

    def test_no_filters_at_all(self):
        with override_settings():
            del settings.OPEN_EDX_FILTERS_CONFIG
            assert ids() == ["E001"]

    def test_hints_say_what_to_write_where(self):
        with with_filter([OTHER, GATE_STEP]):
            first, second = run()
        assert isinstance(first, Error)
        assert f'Move "{GATE_STEP}" to the front' in first.hint
        assert f'OPEN_EDX_FILTERS_CONFIG["{ENROLMENT_FILTER}"]' in first.hint
        assert OTHER in first.msg
        assert 'Set "fail_silently" to False' in second.hint


@ddt
class SettingsTest(SimpleTestCase):
    @data(
        ({"HOST": "nowhere.Host"}, "E004"),
        ({"HOST": "NoDots"}, "E004"),
        ({"HOST": "builtins.dict"}, "E004"),
        ({"HOST": "token_payments.hosts.base.Host"}, "E004"),
        ({"PAYMENT_METHODS": ["nowhere.Method"]}, "E005"),
        ({"PAYMENT_METHODS": ["builtins.dict"]}, "E005"),
        ({"CODE_KEYS": {}}, "E006"),
        ({"CODE_KEYS": None}, "E006"),
        ({"CODE_KEYS": "a text"}, "E006"),
        ({"CODE_KEYS": {"2026": "k" * 31}}, "E007"),
        ({"CODE_KEYS": {"2026": "k" * 32, "2025": 7}}, "E007"),
        ({"TIME_ZONE": "Europe/Londn"}, "E008"),
        ({"TIME_ZONE": "Europe"}, "E008"),
        ({"TIME_ZONE": "/etc/localtime"}, "E008"),
        ({"TIME_ZONE": 1}, "E008"),
        ({"ATTEMPTS_PER_USER": "ten per hour"}, "E009"),
        ({"ATTEMPTS_PER_ADDRESS": "60/10w"}, "E009"),
        ({"ATTEMPTS_PER_ADDRESS": 60}, "E009"),
        ({"CODES_IN_MAILS": 10}, "W001"),
        ({"TAX_RATE": "20%"}, "E011"),
        ({"TAX_RATE": -1}, "E011"),
        ({"TAX_RATE": 100.5}, "E011"),
        ({"TAX_RATE": "7.775"}, "E011"),
        ({"TAX_RATE": "NaN"}, "E011"),
        ({"TAX_RATE": True}, "E011"),
        ({"SELLER": "Janison"}, "E012"),
        ({"SELLER": {"name": "Janison", "vat": "GB 1"}}, "E012"),
        ({"SELLER": {"tax_number": 123}}, "E012"),
        ({"SELLER": {"address": {"street": "1 High Street"}}}, "E012"),
        ({"SELLER": {"bank": ["IBAN", None]}}, "E012"),
        ({"ORDERS_EMAIL": "orders@example.com"}, "E013"),
        ({"ORDERS_EMAIL": ["orders@example.com", "orders"]}, "E013"),
        ({"ORDERS_EMAIL": [None]}, "E013"),
        ({"CODES_PER_CHUNK": 0}, "E014"),
        ({"CODES_PER_CHUNK": "5000"}, "E014"),
        ({"RETRY_SECONDS": -1}, "E014"),
        ({"CODES_IN_MAIL": 1.5}, "E014"),
        ({"BUYERS_MAY_CANCEL": "False"}, "E015"),
        ({"WEBHOOK_PLAIN_HTTP": "no"}, "E015"),
        ({"WEBHOOK_LOG_DAYS": 1}, "E014"),
        ({"WEBHOOK_NETWORKS": "10.0.0.0/8"}, "E018"),
        ({"WEBHOOK_NETWORKS": ["10.0.0.1/8"]}, "E018"),
        ({"WEBHOOK_PORTS": ["443"]}, "E018"),
    )
    @unpack
    def test_names_what_is_wrong(self, values, expected):
        with with_keys(**values):
            [message] = run()
        assert message.id == f"token_payments.{expected}"
        assert message.hint

    @data(
        {"TIME_ZONE": None},
        {"TIME_ZONE": "Asia/Kathmandu"},
        {"ATTEMPTS_PER_USER": "5/m"},
        {"ATTEMPTS_PER_ADDRESS": "100/2h"},
        {"CODES_IN_MAIL": 0, "BUYERS_MAY_CANCEL": True},
        {"WEBHOOK_NETWORKS": ["10.0.0.0/8", "fd00::/8"], "WEBHOOK_PORTS": []},
        {"TAX_RATE": "7.7"},
        {"TAX_RATE": 8.25},
        {"TAX_RATE": None},
        {"SELLER": {"name": "Acme", "address": ["1 High Street", "Leeds"], "bank": "IBAN GB00"}},
        {"ORDERS_EMAIL": ("orders@example.com", "finance@example.com")},
    )
    def test_leaves_what_is_right_alone(self, values):
        with with_keys(**values):
            assert run() == []

    def test_an_unknown_key_is_a_warning_that_names_the_nearest(self):
        with with_keys(codes_in_mail=10, NONSENSE=1):
            near, far = run()
        assert isinstance(near, CheckWarning)
        assert near.hint == "Did you mean CODES_IN_MAIL?"
        assert far.hint.startswith("The keys are: API_CHECKS_PER_ADDRESS,")

    def test_keys_are_asked_for_only_while_switched_on(self):
        with override_settings(TOKEN_PAYMENTS={}, TOKEN_PAYMENTS_ENABLED=False):
            assert run() == []

    @data(["CODE_KEYS"], "text", None)
    def test_not_a_dict(self, value):
        with override_settings(TOKEN_PAYMENTS=value):
            assert ids() == ["E010"]

    def test_no_key_is_ever_printed(self):
        with with_keys(CODE_KEYS={"2026": "a short secret"}):
            assert "a short secret" not in str(run())


class IsolationTest(SimpleTestCase):
    def check(self, level, vendor="mysql"):
        connections = {"default": SimpleNamespace(vendor=vendor)}
        with (
            mock.patch.object(configuration, "connections", connections),
            mock.patch.object(configuration, "_read_isolation", return_value=level),
        ):
            return configuration.check_isolation(databases=["default"])

    def test_mysql_that_repeats_its_reads_is_warned_of(self):
        [message] = self.check("REPEATABLE-READ")
        assert message.id == "token_payments.W002"
        assert '["isolation_level"] to "read committed"' in message.hint

    def test_read_committed_and_other_servers_are_right(self):
        assert self.check("READ-COMMITTED") == []
        assert self.check("REPEATABLE-READ", vendor="postgresql") == []

    def test_asks_no_database_unless_told_to(self):
        assert configuration.check_isolation() == []


@pytest.mark.servers
class RealIsolationTest(TestCase):
    def test_reads_the_level_of_our_own_connection(self):
        assert configuration.check_isolation(databases=["default"]) == []
        if connection.vendor != "mysql":
            return
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            try:
                [message] = configuration.check_isolation(databases=["default"])
            finally:
                cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        assert "REPEATABLE-READ" in message.msg
