"""An export names every table, and every value, that has a trace of the person."""

from __future__ import annotations

import json
from io import StringIO

from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.utils import timezone

from tests.privacy import world
from token_payments.privacy import queries as privacy_queries


def columns_in(export: dict) -> set[str]:
    """`table.column` of what the export lists."""
    found = set()
    for name, rows in export["records"].items():
        table = apps.get_model("token_payments", name)._meta
        for row in rows:
            for column in row["values"]:
                found.add(f"{table.db_table}.{table.get_field(column).column}")
    return found


class ExportTest(world.PersonCase):
    def export(self) -> dict:
        return privacy_queries.export_person(user=self.person, now=timezone.now())

    def test_every_column_with_a_trace_is_in_it(self) -> None:
        places = world.find_traces(*world.TRACES)
        missing = places - columns_in(self.export())
        assert missing == set()

    def test_every_value_with_a_trace_is_in_it(self) -> None:
        text = json.dumps(self.export(), ensure_ascii=False).casefold()
        for place, value in world.iterate_values():
            if any(trace in value for trace in world.TRACES):
                wanted = json.dumps(value, ensure_ascii=False)[1:-1]
                assert wanted in text, (place, value)

    def test_rows_that_only_refer_to_the_person_are_in_it(self) -> None:
        records = self.export()["records"]
        refers = {name: [row["because"] for row in rows] for name, rows in records.items()}
        assert ["user"] in refers["OrderDelegate"]
        assert ["changed_by"] in refers["TokenSettings"]
        assert ["actor"] in refers["AssignmentBatch"]
        assert ["user"] in refers["AccountMember"]
        assert ["redemptions__learner", "assignments__email"] in refers["TokenCode"]

    def test_what_is_others_is_not_in_it(self) -> None:
        export = self.export()
        text = json.dumps(export)
        assert "someone@example.com" not in text
        assert "me@example.com" in text  # in the very text that has the person's address
        hashes = {code.code_hash for code in self.order.codes.all()}
        assert not any(each in text for each in hashes)
        mentioned = [row for row in export["records"]["TokenOrder"] if row["because"] == ["note"]]
        assert [list(row["values"]) for row in mentioned] == [["note"]]
        (batch, *_rest) = export["records"]["AssignmentBatch"]
        assert batch["values"]["actor"] == "this person"

    def test_by_address_alone(self) -> None:
        export = privacy_queries.export_person(addresses=[world.EMAIL.upper()], now=timezone.now())
        assert export["person"]["user_id"] is None
        assert {"CodeAssignment", "LedgerEntry", "Notice", "Wallet"} <= set(export["records"])
        assert "Redemption" not in export["records"]

    def test_after_retiring_only_references_and_invoices_are_left(self) -> None:
        call_command("retire_user", username=world.USER_NAME, user_email=world.EMAIL, now=True)
        self.person.refresh_from_db()
        text = json.dumps(self.export()).casefold()
        assert "grault" not in text
        assert world.EMAIL.casefold() not in text


class CommandTest(world.PersonCase):
    def run_it(self, *args: str) -> dict:
        out = StringIO()
        call_command("token_payments_export_user", *args, stdout=out)
        return json.loads(out.getvalue())

    def test_by_user_name_or_address(self) -> None:
        by_name = self.run_it("--user", world.USER_NAME)
        by_address = self.run_it("--user", world.EMAIL)
        assert by_name["records"] == by_address["records"]
        assert by_name["person"]["user_id"] == self.person.pk

    def test_an_address_that_has_no_account(self) -> None:
        export = self.run_it("--email", "SOMEONE@example.com")
        assert list(export["records"]) == ["TokenCode", "CodeAssignment"]

    def test_forgetting_an_address_asks_first(self) -> None:
        out = StringIO()
        call_command("token_payments_forget", "--email", "someone@example.com", stdout=out)
        assert "--yes" in out.getvalue()
        assert world.find_traces("someone@example.com")
        names = ("--name", "Some One", "--yes")
        call_command("token_payments_forget", "--email", "someone@example.com", *names, stdout=out)
        assert not world.find_traces("someone@example.com", "some one")


class NobodyTest(TestCase):
    def test_whoever_isnt_there(self) -> None:
        for command in ("token_payments_export_user", "token_payments_forget"):
            with self.assertRaisesRegex(CommandError, "Nobody has the user name"):
                call_command(command, "--user", "nobody")
            with self.assertRaisesRegex(CommandError, "Say whom"):
                call_command(command)
