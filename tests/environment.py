"""The environment of a test run, set before the settings are read."""

import os
import tempfile

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="loanbook-tests-"))
