"""The site in a web process of its own, which stops at a point of a request: to be killed there.

    python -m tests.servers.web [<point> [<broker's address>]]

It prints its port; when a request has come to the point, its database connection's id, then it
waits for a line. With a broker's address tasks are handed to that broker, not done at once.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from socketserver import ThreadingMixIn
from unittest.mock import patch
from wsgiref.simple_server import WSGIServer, make_server

import django

from tests.servers.finisher import stopping

HOST = "token_payments.hosts.edxapp.EdxappHost"
POINTS = {
    "reserved": (f"{HOST}.enrol", "before"),
    "enrolled": (f"{HOST}.enrol", "after"),
    "committed": ("token_payments.checkout.redeeming.place_in_group", "before"),
    "given back": (f"{HOST}.unenrol", "before"),
    "unenrolled": (f"{HOST}.unenrol", "after"),
}


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def main(point: str = "", broker: str = "") -> None:
    django.setup()
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.utils.module_loading import import_string

    if broker:  # before Celery has read the settings: some releases let these win
        settings.CELERY_TASK_ALWAYS_EAGER, settings.CELERY_BROKER_URL = False, broker
    with ExitStack() as stack:
        if point:
            where, when = POINTS[point]
            owner, name = where.rsplit(".", 1)
            real = getattr(import_string(owner), name) if owner == HOST else import_string(where)
            stack.enter_context(patch(where, stopping(real, when)))
        server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server)
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
