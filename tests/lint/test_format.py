"""The formatting rules are a file, so that nobody argues: the code follows it."""
import shutil
import subprocess

import pytest

from sources import REPO


@pytest.mark.skipif(shutil.which("clang-format") is None, reason="no clang-format here")
def test_the_code_is_formatted_as_the_file_says():
    files = subprocess.run(["find", "cgi", "cron", "lib", "tests", "-name", "*.[ch]"], cwd=REPO, check=True,
                           capture_output=True, text=True).stdout.split()
    done = subprocess.run(["clang-format", "--dry-run", "--Werror", *files], cwd=REPO, capture_output=True, text=True)
    wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "error:" in line})
    assert done.returncode == 0, f"run clang-format -i on {wrong}"
