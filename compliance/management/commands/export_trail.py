"""manage.py export_trail --loan NUMBER --reason TEXT [--out FILE]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.export import export_trail
from customers.models import User
from customers.refusals import Refusal


class Command(BaseCommand):
    help = "Write the sealed trail of one loan to a file that can be verified."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loan", required=True, help="the loan's number")
        parser.add_argument("--reason", required=True, help="why it is exported; the export itself is recorded")
        parser.add_argument("--out", type=Path, help="default: trail-<loan>.jsonl in the current folder")
        parser.add_argument("--by", help="user name of who asks; default: the system")

    def handle(self, *args: Any, **options: Any) -> None:
        out = options["out"] or Path(f"trail-{options['loan']}.jsonl")
        by = None
        if options["by"]:
            by = User.objects.filter(username=options["by"]).first()
            if by is None or not by.has_perm("compliance.export_trail"):
                raise CommandError(f"--by: {options['by']} may not export the trail.")
        try:
            export = export_trail(loan_number=options["loan"], to=out, by=by, reason=options["reason"])
        except OSError as error:
            raise CommandError(f"--out: {out} cannot be written: {error.strerror}.") from error
        except Refusal as refusal:
            raise CommandError(f"--{refusal.about}: {refusal.messages[0]}") from refusal
        self.stdout.write(f"{out}: {export.rows} rows, head of the chain {export.head_hash}")
        self.stdout.write(f"SHA-256 of the file {export.file_sha256}")
