"""Checks release directories with readers that are not ours.

    DEMARCHE_CHECKERS_NODE=target/checkers/node python tests/checkers/check_release.py RELEASE_DIR...

A line for each check, then `N passed, N failed`; the exit code is 1 if anything failed. Nothing is
fetched: a connection that a reader opens is an error.
"""

import socket
import sys
from pathlib import Path

import check_agreement
import check_jsonld
import check_package
import check_tables
from outcome import Outcome


def forbid_network():
    def refuse(*_):
        raise OSError("a checker opened a connection; releases stand alone")

    socket.socket.connect = socket.socket.connect_ex = refuse
    socket.getaddrinfo = refuse


def main(arguments):
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    forbid_network()
    outcome = Outcome()
    for release in map(Path, arguments):
        print(f"# {release.name}")
        if not outcome.check("the release is a directory", release.is_dir()):
            continue
        for module in (check_package, check_jsonld, check_tables, check_agreement):
            for check in module.CHECKS:
                outcome.guard(check.__name__, check, release, outcome)
    return outcome.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
