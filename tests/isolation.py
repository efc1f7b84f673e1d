"""Early pytest plugin (pyproject `addopts`): each test process has a data folder of its own and no options from outside."""

import atexit
import os
import shutil
import tempfile

KEPT = {"HEXI_TEST_DB"}

os.fsync = lambda _file: None  # no test in this process loses its power; those that kill others start them as they are

# nor does PostgreSQL: it need not wait for the disk at each commit
os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")

for name in [name for name in os.environ if name.startswith("HEXI_") and name not in KEPT]:
    del os.environ[name]
os.environ["HEXI_SITE_DATA"] = folder = tempfile.mkdtemp(prefix="hexi-test-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
