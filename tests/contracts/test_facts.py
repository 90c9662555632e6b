"""The contract: the host at hand has what the plugin needs, and a difference is noticed."""

from collections import namedtuple
from types import SimpleNamespace
from unittest import mock

import pytest
from ddt import data, ddt, unpack
from django.test import SimpleTestCase

from common.djangoapps.student.models import CourseEnrollment
from tests.contracts.facts import Outcome, load_facts, verify
from tests.contracts.probes import NotCheckable, find_difference


def find_verdict(fact_id):
    [verdict] = verify(fact for fact in load_facts() if fact["id"] == fact_id)
    return verdict


class ThisHostTest(SimpleTestCase):
    def test_agrees_in_all_that_the_plugin_needs(self):
        verdicts = verify(load_facts())
        needed = [verdict for verdict in verdicts if verdict.required]
        assert len(needed) > 30
        assert {verdict.outcome for verdict in needed} == {Outcome.AGREES}

    def test_differs_in_nothing(self):
        differing = [v for v in verify(load_facts()) if v.outcome is Outcome.DIFFERS]
        assert not differing

    def test_facts_are_told_apart_by_their_ids(self):
        ids = [fact["id"] for fact in load_facts()]
        assert len(ids) == len(set(ids))


class NoticeTest(SimpleTestCase):
    """A host that changed under the adapter."""

    def test_a_renamed_parameter(self):
        def enroll(cls, user, course_id, mode=None, check_access=False):
            """As it might be in another release."""

        with mock.patch.object(CourseEnrollment, "enroll", classmethod(enroll)):
            verdict = find_verdict("common.djangoapps.student.models:CourseEnrollment.enroll")
        assert verdict.is_failure
        assert verdict.outcome is Outcome.DIFFERS
        assert "course_id" in verdict.detail

    def test_a_symbol_that_is_gone(self):
        with mock.patch("common.djangoapps.student.models.CourseFullError", create=True):
            from common.djangoapps.student import models

            del models.CourseFullError
            verdict = find_verdict("common.djangoapps.student.models:CourseFullError")
        assert verdict.outcome is Outcome.MISSING
        assert verdict.is_failure

    def test_a_module_that_is_gone_and_optional(self):
        fact = {
            "id": "x",
            "module": "openedx.core.djangoapps.nothing",
            "symbol": "x",
            "kind": "function",
            "parameters": [],
        }
        [missing, optional] = verify([fact, {**fact, "optional": True}])
        assert missing.outcome is Outcome.MISSING
        assert optional.outcome is Outcome.OPTIONAL_MISSING
        assert not missing.is_failure, "not needed"

    def test_behaviour_is_left_to_tests(self):
        verdict = find_verdict("lms.envs.production:settings order")
        assert verdict.outcome is Outcome.NOT_CHECKABLE


def exact(user, mode=None):
    pass


def with_more(user, mode=None, extra=None, **kwargs):
    pass


def anything(*args, **kwargs):
    pass


def with_one_more_required(user, extra, mode=None):
    pass


def with_none(mode=None):
    pass


def by_name_only(*, user, mode=None):
    pass


def swapped(mode=None, user=None):
    pass


def other_default(user, mode="audit"):
    pass


MODEL = SimpleNamespace(
    _meta=SimpleNamespace(
        unique_together=(("user", "course"),),
        total_unique_constraints=(),
        get_fields=lambda: [SimpleNamespace(name=name) for name in ("user", "course", "mode")],
    )
)


class Role:
    ROLE = "staff"


@ddt
class ProbeTest(SimpleTestCase):
    @data(exact, with_more, anything)
    def test_signatures_that_take_every_call(self, function):
        fact = {"kind": "function", "parameters": ["user", "mode=None"]}
        assert find_difference(fact, function) == ""

    @data(
        (with_one_more_required, "missing a required argument: 'extra'"),
        (with_none, "unexpected keyword argument 'user'"),
        (by_name_only, "too many positional arguments"),
        (swapped, "stands elsewhere"),
        (other_default, "mode is 'audit' unless given, not None"),
    )
    @unpack
    def test_signatures_that_do_not(self, function, expected):
        fact = {"kind": "function", "parameters": ["user", "mode=None"]}
        assert expected in find_difference(fact, function)

    @data((["a", "*more"], True), (["a", "**more"], True), (["a"], False))
    @unpack
    def test_variadic_parameters_are_needed_when_named(self, parameters, differs):
        def function(a):
            pass

        fact = {"kind": "function", "parameters": parameters}
        assert bool(find_difference(fact, function)) is differs
        assert find_difference(fact, lambda a, *args, **kwargs: None) == ""

    @data(
        ({"kind": "django_model", "fields": ["user"], "constraints": ["unique(user, course)"]}, ""),
        ({"kind": "django_model", "fields": ["user", "price"]}, "no field price"),
        ({"kind": "django_model", "constraints": ["unique(user, mode)"]}, "no unique(user, mode)"),
    )
    @unpack
    def test_models(self, fact, expected):
        assert find_difference(fact, MODEL) == expected

    @data(
        ({"kind": "class", "fields": ["ROLE='staff'"]}, Role, ""),
        ({"kind": "class", "fields": ["ROLE='sales'"]}, Role, "ROLE is 'staff', not 'sales'"),
        ({"kind": "class", "value": {"NAME": "x"}}, Role, "no attribute NAME"),
        ({"kind": "exception", "bases": ["a.module.Exception"]}, ValueError, ""),
        ({"kind": "exception", "bases": ["KeyError"]}, ValueError, "not derived from KeyError"),
        ({"kind": "constant", "value": "audit"}, "honor", "it is 'honor', not 'audit'"),
        ({"kind": "constant"}, "honor", ""),
        ({"kind": "django_signal"}, object(), "it is a object"),
        ({"kind": "property"}, property(), ""),
        (
            {"kind": "namedtuple", "fields": ["slug", "sku"]},
            namedtuple("Mode", "slug"),
            "no sku in slug",
        ),
    )
    @unpack
    def test_other_kinds(self, fact, found, expected):
        assert find_difference(fact, found) == expected

    def test_an_address_that_the_host_has_not(self):
        fact = {"kind": "url_name", "id": "url:nowhere", "parameters": ["course_id"]}
        assert "nowhere" in find_difference(fact, None)

    def test_an_unknown_kind_is_not_checkable(self):
        with pytest.raises(NotCheckable):
            find_difference({"kind": "rumour"}, None)
