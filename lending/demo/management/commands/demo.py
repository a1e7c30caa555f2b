"""manage.py demo [--port 8000] [--reset] [--customers 120]"""

import fcntl
import os
import shutil
import signal
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from lending.clock import business_date


class Command(BaseCommand):
    help = "Bring up a demo lender: a book of customers, a worker with its schedule, and the web server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="the web server's port (the next free one is taken)")
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--reset", action="store_true", help="forget everything and begin anew")
        parser.add_argument("--customers", type=int, default=120, help="how many customers to begin with")
        parser.add_argument("--build-only", action="store_true", help="build the book and stop; start no process")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPING:
            raise CommandError("The demo makes people with printed passwords: it runs with DEBUG=1 only.")
        if not 20 <= options["customers"] <= 5000:
            raise CommandError("--customers: between 20 and 5000.")
        if not 1024 <= options["port"] <= 65_000:
            raise CommandError("--port: between 1024 and 65000.")
        console = Console()
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # to be ended is to be interrupted
        try:
            self._bring_up(console, options)
        except KeyboardInterrupt:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            console.print("Stopped.")

    def _bring_up(self, console: Console, options: dict[str, Any]) -> None:
        began = time.monotonic()
        folder = Path(settings.VAR_DIR)
        self._alone(folder)
        if options["reset"]:
            self._forget(folder)
        ready = folder / "ready"
        console.print("[bold]Loanbook[/bold]: a demo lender")
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        ) as progress:
            task = progress.add_task("Preparing the database", total=1)
            call_command("migrate", verbosity=0)
            progress.advance(task)
            if not ready.exists():
                from lending.demo import book

                book.build(customers=options["customers"], today=business_date(), progress=progress)
                ready.touch()
        if options["build_only"]:
            return
        self._run(console, folder, options, began)

    def _alone(self, folder: Path) -> None:
        """Two demos on one book would be two workers and two clocks: the second one is refused."""
        self.lock = (folder / "running").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandError(f"A demo is running on {folder} already: stop it first (Ctrl-C there).") from error

    def _forget(self, folder: Path) -> None:
        from django.db import connection

        if connection.vendor != "sqlite":
            raise CommandError("--reset empties the embedded database only; drop and create the other one by hand.")
        connection.close()
        for path in folder.iterdir():
            if path.name not in ("keys", "running"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name in ("queue", "control"):
            os.makedirs(folder / "broker" / name, exist_ok=True)

    def _run(self, console: Console, folder: Path, options: dict[str, Any], began: float) -> None:
        from lending.demo import people
        from lending.demo.supervisor import Supervisor, choose_ports

        supervisor = Supervisor(choose_ports(options["port"]), folder, options["host"])
        try:
            with console.status("Starting the bank, the carrier, the bureau, the worker and the web server"):
                supervisor.start()
            table = Table(title="Who may sign in", show_lines=False)
            for column in ("where", "name", "password", "who"):
                table.add_column(column)
            for login in people.LOGINS:
                table.add_row(login.where, login.name, login.password, login.who)
            console.print(table)
            address = f"http://{options['host']}:{supervisor.ports.web}/"
            console.print(f"Text messages of the simulated carrier: http://127.0.0.1:{supervisor.ports.carrier}/outbox")
            console.print(f"Ready after {time.monotonic() - began:.0f} s. Logs are in {folder}.")
            console.print(
                f"Open [bold]{address}[/bold] (customers) or [bold]{address}admin/[/bold] (staff). Ctrl-C stops."
            )
            supervisor.wait()
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        finally:
            supervisor.stop()
