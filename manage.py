#!/usr/bin/env python3
"""Every command of Loanbook. It needs nothing but Python 3.11 with pip and venv: it makes the rest the first time."""

import os
import sys


def main() -> None:
    from lending import environment

    environment.ensure(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lending.settings")
    import django
    from django.core.management import execute_from_command_line
    from django.utils import translation

    django.setup()
    # A terminal has a language of its own; what is written to customers is always in theirs.
    translation.activate("zh-hans" if environment.speaks_chinese(os.environ) else "en")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
