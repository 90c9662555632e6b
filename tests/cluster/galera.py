"""A Galera cluster for tests: three nodes of MariaDB on the loopback, all of which take writes.

    python -m tests.cluster.galera COMMAND...

starts it in a folder of its own, runs the command with settings that lead to its first node, and
ends it. It needs Debian's packages mariadb-server, galera-4 and rsync, and root.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NODES = 3
FIRST_PORT = 3401  # of MariaDB; the nodes talk to each other from FIRST_BASE on
FIRST_BASE = 4570
START = 90  # seconds for one node
FOLDER = "TOKEN_PAYMENTS_CLUSTER"  # in the environment: where the nodes are
PROVIDERS = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib/libgalera_smm.so")

CONFIGURATION = """[mysqld]
user=mysql
datadir={folder}/data
tmpdir={folder}/tmp
socket={folder}/socket
pid-file={folder}/pid
log-error={folder}/errors
port={port}
bind-address=127.0.0.1
innodb_buffer_pool_size=64M
innodb_flush_log_at_trx_commit=0
innodb_autoinc_lock_mode=2
binlog_format=ROW
wsrep_on=ON
wsrep_provider={provider}
wsrep_cluster_name=token_payments
wsrep_cluster_address=gcomm://{peers}
wsrep_node_name=node{number}
wsrep_node_address=127.0.0.1:{base}
wsrep_provider_options="base_port={base};gmcast.listen_addr=tcp://127.0.0.1:{base};gcache.size=32M"
wsrep_sst_method=rsync
wsrep_sst_receive_address=127.0.0.1:{sst}
"""


def get_port(number: int) -> int:
    return FIRST_PORT + number % NODES


def kill_node(number: int) -> None:
    """As a machine dies: without a word to the others."""
    pid = Path(os.environ[FOLDER], f"node{number}", "pid").read_text(encoding="ascii")
    os.kill(int(pid), signal.SIGKILL)


@contextmanager
def running() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="galera-"))
    folder.chmod(0o755)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(NODES):
            _start(folder, number, processes)
        yield folder
    finally:
        for process in processes:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, number: int, processes: list[subprocess.Popen[bytes]]) -> None:
    node = folder / f"node{number}"
    for each in (node / "data", node / "tmp"):
        each.mkdir(parents=True)
    bases = [FIRST_BASE + 10 * one for one in range(NODES)]
    configuration = CONFIGURATION.format(
        folder=node,
        number=number,
        port=get_port(number),
        base=bases[number],
        sst=bases[number] + 2,
        peers=",".join(f"127.0.0.1:{base}" for base in bases),
        provider=next(path for path in PROVIDERS if Path(path).exists()),
    )
    (node / "my.cnf").write_text(configuration, encoding="ascii")
    subprocess.run(["chown", "-R", "mysql:mysql", node], check=True)
    install = ["mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={node / 'data'}"]
    install.append("--auth-root-authentication-method=normal")
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    command = ["mariadbd", f"--defaults-file={node / 'my.cnf'}"]
    processes.append(subprocess.Popen([*command, *["--wsrep-new-cluster"][number:]]))
    for _ in range(START):
        if _ask(node, "SHOW STATUS LIKE 'wsrep_local_state_comment'").endswith("Synced"):
            break
        time.sleep(1)
    else:
        errors = (node / "errors").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"node {number} doesn't start:\n{errors[-3000:]}")
    if number == 0:
        _ask(node, "CREATE USER root@'127.0.0.1'; GRANT ALL ON *.* TO root@'127.0.0.1'")


def _ask(node: Path, sql: str) -> str:
    client = ["mariadb", "--no-defaults", "-uroot", "-S", str(node / "socket"), "-Nse", sql]
    return subprocess.run(client, capture_output=True, text=True, check=False).stdout.strip()


def main() -> int:
    with running() as folder:
        environment = {"MINI_LMS_DATABASE": "mysql", "MINI_LMS_DB_PORT": str(FIRST_PORT)}
        environment |= {FOLDER: str(folder), "MINI_LMS_DB_HOST": "127.0.0.1"}
        command = sys.argv[1:]
        return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
