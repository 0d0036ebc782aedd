import subprocess
import sys

from autograder.layout import Layout


def test_the_types_of_both_packages_agree() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=Layout.here().root, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
