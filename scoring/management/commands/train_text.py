"""Train a text classifier on labelled cases; the result is a draft in the model inventory."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from scoring.text_training import train_text_model


class Command(BaseCommand):
    help = "Train a classifier of short Chinese or English texts on a CSV of labelled cases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("data", type=Path)
        parser.add_argument("--text", default="text", help="column with the text")
        parser.add_argument("--label", default="label", help="column with the class")
        parser.add_argument("--name", default="complaint-topic")
        parser.add_argument("--by", help="user name of the developer")

    def handle(self, *args: Any, **options: Any) -> None:
        by = get_user_model().objects.filter(username=options["by"]).first() if options["by"] else None
        if options["by"] and by is None:
            raise CommandError(f"--by {options['by']}: there is no such user")
        try:
            content = options["data"].read_bytes()
            version, trained = train_text_model(
                content,
                text=options["text"],
                label=options["label"],
                by=by,
                source=options["data"].name,
                name=options["name"],
            )
        except OSError as problem:
            raise CommandError(f"{options['data']}: {problem.strerror}") from None
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(
            f"{version}: accuracy {trained.accuracy:.3f}, macro F1 {trained.macro_f1:.3f} "
            f"(the commonest class alone: {trained.commonest_share:.3f}) over {version.data_rows} texts"
        )
