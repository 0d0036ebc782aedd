"""The sandbox holds for root and for an ordinary user, with namespaces and without."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.engine.sandbox import linux, namespaces
from autograder.engine.sandbox.confine import user_of
from autograder.engine.sandbox.protections import Sandbox, user_ids

HERE = Path(__file__).parent
CANT_TRY = 77
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def run_as(user: str, *refused: str, umask: int = -1, **variables: str) -> dict:
    """Return what `as_some_user.py` found out."""
    command = [sys.executable, str(HERE / "as_some_user.py"), user, *refused]
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | variables
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=170, env=environment, umask=umask, cwd="/"
    )
    if ran.returncode == CANT_TRY:
        pytest.skip(ran.stdout)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout.splitlines()[-1])


def holds(found: dict) -> None:
    """Assert that the attacks of `as_some_user.py` came to nothing."""
    assert found["missing"] is None
    assert found["honest"] == found["after"] == 3.0
    assert found["attack"] == 3.0  # the attack is in a cell of its own
    assert "ESCAPED" not in found["output"]
    assert "the end" in found["output"]
    assert found["file"] == "as it was"


WITHOUT = [(), ("unshare", "mount"), ("landlock_create_ruleset",)]


@needs_root
@pytest.mark.parametrize("refused", WITHOUT, ids=["all", "no namespaces", "no Landlock"])
@pytest.mark.parametrize("user", ["root", "ordinary"])
def test_the_protections_in_force_are_enough(user, refused):
    holds(run_as(user, *refused))


@needs_root
@pytest.mark.parametrize("user", ["root", "ordinary"])
def test_without_namespaces_and_without_landlock_the_engine_refuses(user):
    found = run_as(user, "unshare", "mount", "landlock_create_ruleset")
    assert "a file system of its own, or Landlock" in found["missing"]


@needs_root
@pytest.mark.parametrize(
    "refused", [(), ("unshare", "mount")], ids=["all protections", "no namespaces"]
)
@pytest.mark.parametrize("user", ["root", "ordinary"])
def test_in_a_folder_that_only_its_owner_enters_the_walls_hold_or_say_what_to_do(user, refused):
    found = run_as(user, "closed", *refused)
    if user == "root" and refused:  # candidates are other users, and nothing can be mounted
        assert re.search(r"chmod o\+x \S+-closed; or move the repository", found["missing"])
    else:
        holds(found)


@needs_root
def test_without_a_system_call_filter_the_engine_refuses():
    missing = run_as("ordinary", "seccomp", "prctl-seccomp")["missing"]
    assert "the system call filter was refused" in missing


@needs_root
@pytest.mark.parametrize("user", ["root", "ordinary"])
def test_an_odd_umask_and_an_odd_temporary_folder_do_no_harm(user, tmp_path):
    odd = tmp_path / "a folder (of 2+) ä"
    odd.mkdir()
    for folder in (odd, *odd.parents[:-2]):
        folder.chmod(0o777)
    holds(run_as(user, umask=0o077, TMPDIR=str(odd)))
    assert list(odd.iterdir()) == []


def test_which_protections_are_enough():
    def missing(**protections) -> str | None:
        return Sandbox(readable=[], **protections).missing()

    assert missing(filter=b"x", landlock=3) is None
    assert missing(filter=b"x", has_mounts=True) is None
    assert "Landlock of version 3" in missing(filter=b"x", landlock=2)
    assert "seccomp" in missing(landlock=7, has_mounts=True)
    assert missing(filter=b"x", landlock=7, gap="a gap") == "a gap"


def test_a_limit_on_namespaces_is_not_called_a_full_disk(monkeypatch):
    def refuse(flags: int) -> int:
        ctypes.set_errno(errno.ENOSPC)
        return -1

    monkeypatch.setattr(linux, "libc", SimpleNamespace(unshare=refuse))
    monkeypatch.setattr(linux, "set_option", lambda *values: None)
    with pytest.raises(OSError, match=r"max_user_namespaces allows no more$"):
        namespaces.enter_namespaces()


@pytest.mark.parametrize(
    ("mapped", "first", "count"),
    [
        ("         0          0 4294967295\n", 1_900_000_000, 1_000_000),
        ("0 1000 1\n1 100000 65536\n", 1 + 32768, 32768),  # podman, started by an ordinary user
        ("0 1000 1\n", 1, 0),
    ],
)
def test_candidates_of_a_container_get_users_that_it_knows(mapped, first, count):
    assert user_ids(mapped) == (first, count)
    sandbox = Sandbox(readable=[], users=(first, count))
    if count:
        users = {user_of(sandbox, number) for number in range(100)}
        assert len(users) == 100 and min(users) == first
    else:
        with pytest.raises(OSError, match="knows no user but root"):
            user_of(sandbox, 0)
