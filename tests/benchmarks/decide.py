"""One application, decided: over HTTP, on PostgreSQL, by two gunicorn processes with threads.

A request is POST /api/v1/applications of a channel with a token and an Idempotency-Key: a new person with her consents,
facts, fraud rules, features, score with contributions, strategy, cost and offer, every row with its history, in one
transaction. A process takes no more connections than it has threads, so that a request waits for whichever is free first
and not behind others. Beside it, in turns, `/one-row`: the same view (token, permission, throttle, shape, idempotency) that
writes one row only. Closed loop: so many clients, each sending its next request when the last is answered; the clients share
the machine with the server and the database.

    DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres python -m tests.benchmarks decide

makes a database of its own on that server and drops it afterwards. LOANBOOK_DECIDE_REQUESTS is the number of requests
per concurrency and view (default 400), REDIS_URL the cache (default files), LOANBOOK_DECIDE_PROFILE=1 prints hot spots.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
CONCURRENCIES = (1, 8, 32)
TURNS = 4
WORKERS, THREADS = 2, 2
VIEWS = {"decide": "/api/v1/applications", "one_row": "/one-row"}
GOALS = {"p99_ms_at_8": 250, "throughput_ratio": 0.3, "score_with_contributions_ms": 1.0}


def run() -> dict[str, Any]:
    server = os.environ.get("DATABASE_URL", "")
    if urlsplit(server).scheme not in ("postgres", "postgresql", "psql"):
        raise SystemExit("decide measures PostgreSQL: set DATABASE_URL=postgres://user@host:5432/postgres")
    requests = int(os.environ.get("LOANBOOK_DECIDE_REQUESTS", "400"))
    with _database(server) as url, tempfile.TemporaryDirectory(prefix="loanbook-decide-") as folder:
        surroundings = _surroundings(url, folder)
        world = _world("prepare", surroundings)
        inside = _world("measure", surroundings)
        with _gunicorn(surroundings, Path(folder)) as port:
            for path in VIEWS.values():  # not measured: each process loads the model and the templates once
                _turn(port, path, WORKERS * THREADS, 40, world["tokens"])
            levels = {str(clients): _level(port, clients, requests, world["tokens"]) for clients in CONCURRENCIES}
    return {
        "model": world["model"],
        "server": f"gunicorn, {WORKERS} processes x {THREADS} threads",
        "cache": "redis" if os.environ.get("REDIS_URL") else "files",
        "by_concurrency": levels,
        "one_decision": inside,
        "goals": GOALS,
        "reached": {
            "p99_ms_at_8": levels["8"]["decide"]["p99_ms"] < GOALS["p99_ms_at_8"],
            "throughput_ratio": max(row["throughput_ratio"] for row in levels.values()) >= GOALS["throughput_ratio"],
            "score_with_contributions_ms": inside["score_with_contributions_ms"]["p50"] < 1.0,
        },
    }


@contextmanager
def _database(server: str) -> Iterator[str]:
    """A database of this run's own: its address."""
    import psycopg2

    name = f"loanbook_decide_{os.getpid()}"
    try:
        link = psycopg2.connect(server)
    except psycopg2.OperationalError as problem:
        raise SystemExit(
            f"decide needs PostgreSQL, and {urlsplit(server).hostname} does not answer: {problem}"
        ) from None
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    link.close()


def _surroundings(url: str, folder: str) -> dict[str, str]:
    """As in production: no DEBUG, keys from the environment, one connection kept per thread."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks._decide_settings",
        "DEBUG": "0",
        "SECRET_KEY": "only-for-this-run-" + "0123456789" * 5,
        "FIELD_KEYS": "Zm9yLXRoaXMtcnVuLW9mLXRoZS1iZW5jaG1hcmstMzI=",
        "INDEX_KEY": "only-for-this-run",
        "PAYMENT_GATEWAY_SECRET": "only-for-this-run",
        "SMS_GATEWAY_SECRET": "only-for-this-run",
        "BUREAU_SECRET": "only-for-this-run",
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "SECURE_SSL_REDIRECT": "0",
        "API_RATE": "10000000/min",
        "LOG_LEVEL": "WARNING",
        "VAR_DIR": folder,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _world(command: str, surroundings: dict[str, str]) -> dict[str, Any]:
    asked = [sys.executable, "-m", "tests.benchmarks._decide_world", command]
    answer = subprocess.run(asked, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


@contextmanager
def _gunicorn(surroundings: dict[str, str], folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = (
        f"--bind 127.0.0.1:{port} --workers {WORKERS} --threads {THREADS} --worker-connections {THREADS} --keep-alive 0"
    )
    command = [sys.executable, "-m", "gunicorn", "lending.wsgi:application", "--no-control-socket", *options.split()]
    log = folder / "gunicorn.log"
    with log.open("wb") as file:
        server = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=file, stderr=subprocess.STDOUT)
        try:
            _wait_for(port, server, log)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("gunicorn did not start:\n" + log.read_text()[-3000:])


_seeds = iter(range(1, 88))


def _level(port: int, clients: int, requests: int, tokens: list[str]) -> dict[str, Any]:
    """Both views at one concurrency, taking turns, so that a slow moment of the machine falls on both alike."""
    taken: dict[str, list[float]] = {name: [] for name in VIEWS}
    seconds = dict.fromkeys(VIEWS, 0.0)
    outcomes: dict[str, int] = {}
    each = max(1, requests // TURNS)
    for _ in range(TURNS):
        for name, path in VIEWS.items():
            times, passed, found = _turn(port, path, clients, each, tokens)
            taken[name] += times
            seconds[name] += passed
            for outcome, count in found.items():
                if name == "decide":
                    outcomes[outcome] = outcomes.get(outcome, 0) + count
    rows: dict[str, Any] = {name: _figures(taken[name], seconds[name]) for name in VIEWS}
    ratio = rows["decide"]["per_second"] / rows["one_row"]["per_second"]
    return {**rows, "throughput_ratio": round(ratio, 3), "outcomes": dict(sorted(outcomes.items()))}


def _turn(
    port: int, path: str, clients: int, requests: int, tokens: list[str]
) -> tuple[list[float], float, dict[str, int]]:
    """(seconds of each request, seconds of the whole, how many were answered what)."""
    from itertools import islice

    from tests.benchmarks._decide_applicants import applications

    bodies = list(islice(applications(next(_seeds)), requests + clients))
    prepared = [(body["reference"], json.dumps(body).encode()) for body in bodies]
    warm_up, prepared = prepared[:clients], prepared[clients:]
    times: list[float] = []
    outcomes: dict[str, int] = {}
    waiting = threading.Barrier(clients + 1)
    lock = threading.Lock()

    def client(number: int) -> None:
        link = HTTPConnection("127.0.0.1", port, timeout=120)
        token = tokens[number % len(tokens)]
        _post(link, path, token, *warm_up[number])
        waiting.wait()
        while True:
            with lock:
                if not prepared:
                    break
                key, body = prepared.pop()
            started = time.perf_counter()
            answer = _post(link, path, token, key, body)
            took = time.perf_counter() - started
            with lock:
                times.append(took)
                outcomes[answer] = outcomes.get(answer, 0) + 1
        link.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    waiting.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return times, time.perf_counter() - began, outcomes


def _post(link: HTTPConnection, path: str, token: str, key: str, body: bytes) -> str:
    headers = {"Authorization": f"Token {token}", "Idempotency-Key": key, "Content-Type": "application/json"}
    link.request("POST", path, body, headers)
    answer = link.getresponse()
    content = answer.read()
    if answer.status != 201:
        raise RuntimeError(f"{path} answered {answer.status}: {content[:300]!r}")
    return str(json.loads(content)["status"])


def _figures(times: list[float], seconds: float) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return {
        "requests": len(times),
        "p50_ms": round(cuts[49] * 1000, 1),
        "p95_ms": round(cuts[94] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "per_second": round(len(times) / seconds, 1),
    }
