"""Steps of the domain, and what follows from them."""

from __future__ import annotations

from unittest import mock

import pytest

from token_payments.notifications.table import FOLLOWS
from token_payments.outbox.steps import Step, announce, quietly


def test_what_follows_gets_the_steps_subject_in_the_tables_order() -> None:
    told = mock.Mock()
    with mock.patch.dict(FOLLOWS, {Step.BALANCE_LOWERED: (told.first, told.second)}):
        announce(Step.BALANCE_LOWERED, "wallet")
    assert told.mock_calls == [mock.call.first("wallet"), mock.call.second("wallet")]


def test_what_a_consequence_raises_undoes_the_step() -> None:
    broken = mock.Mock(side_effect=RuntimeError)
    follows = mock.patch.dict(FOLLOWS, {Step.BALANCE_LOWERED: (broken,)})
    with follows, pytest.raises(RuntimeError):
        announce(Step.BALANCE_LOWERED, "wallet")


def test_quietly_nothing_follows_until_it_ends_whatever_is_raised_inside() -> None:
    told = mock.Mock()
    with mock.patch.dict(FOLLOWS, {Step.BALANCE_LOWERED: (told,)}):
        with pytest.raises(ValueError, match="inside"):
            _announce_and_fail()
        told.assert_not_called()
        announce(Step.BALANCE_LOWERED, "wallet")
    told.assert_called_once_with("wallet")


def _announce_and_fail() -> None:
    with quietly():
        announce(Step.BALANCE_LOWERED, "wallet")
        raise ValueError("inside")
