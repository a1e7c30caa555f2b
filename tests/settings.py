"""The lender's own settings, in the environment of a test run."""

import os
import tempfile

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="loanbook-tests-"))
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # Each worker its own Redis database, as each has its own database of rows.
    for name in ("REDIS_URL", "CELERY_BROKER_URL"):
        if os.environ.get(name, "").startswith("redis:"):
            base = os.environ[name].rsplit("/", 1)[0]
            os.environ[name] = f"{base}/{int(worker.removeprefix('gw')) + 8}"

from lending.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
