"""The person that a command is about: a user of the host, or e-mail addresses."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from token_payments.hosts.people import list_by_address, list_by_user_name


def add_person_arguments(parser: CommandParser) -> None:
    parser.add_argument("--user", metavar="NAME", help="user name, or e-mail address of an account")
    parser.add_argument(
        "--email",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="an address without an account, or a further one; may be given again",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME",
        help="a full name by which texts may call the person; may be given again",
    )


def read_person(options: dict[str, Any]) -> dict[str, Any]:
    """The user, addresses and names of a person. Raises CommandError if no person is named."""
    text = options["user"]
    if not text and not options["email"]:
        raise CommandError("Say whom: --user, --email, or both.")
    return {
        "user": get_user(text) if text else None,
        "addresses": options["email"],
        "names": options["name"],
    }


def get_user(text: str) -> Any:
    """By user name or e-mail address. Raises CommandError."""
    users = {user.pk: user for user in [*list_by_user_name(text), *list_by_address(text)]}
    if not users:
        raise CommandError(
            f"Nobody has the user name or e-mail address {text}. An address without an account is "
            "given as --email."
        )
    if len(users) > 1:
        raise CommandError(f"More than one user is called {text}: give the user name.")
    return next(iter(users.values()))
