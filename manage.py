#!/usr/bin/env python3
"""Every command of Loanbook. `demo` and `test` need nothing but Python 3.11 with pip and venv: they make the rest."""

import os
import sys


def main() -> None:
    from lending import environment

    environment.ensure(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lending.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
