"""The monitoring page: for whom it opens, what it says while there is nothing to show, that page, JSON and CSV agree, and
that a year costs no more statements than a month.
"""

import csv
import datetime
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from scoring import monitoring, monitoring_page
from scoring.models import ModelVersion, MonitoringReading, ReviewTask
from scoring.monitoring_figures import csv_rows
from tests.scoring.conftest import TODAY, another_draft, carried_to_certificate

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def _reading(
    version: ModelVersion, on: datetime.date, metric: str, value: float, feature: str = "", **more: Any
) -> Any:
    return MonitoringReading(
        model_version=version, on=on, metric=metric, feature=feature, value=value, **{"count": 80, **more}
    )


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("scoring.admin.monitoring.timezone.localdate", lambda: TODAY)
    with translation.override("en"):
        yield


@pytest.fixture
def year(champion: ModelVersion) -> ModelVersion:
    """A year of figures, the latest of yesterday's."""
    rows = []
    for days in range(365):
        on = TODAY - days * DAY
        rows.append(_reading(champion, on, "window", 30.0))
        rows.append(_reading(champion, on, "score_psi", 0.1 + days / 10_000, threshold=0.25))
        rows += [
            _reading(champion, on, "feature_psi", 0.3, name, threshold=0.25) for name in ("income_monthly", "debts")
        ]
        rows += [_reading(champion, on, "band_share", 0.2, band) for band in "ABCDE"]
        rows += [
            _reading(champion, on, "decided", share, kind, count=10)
            for kind, share in (("approve", 0.6), ("refer", 0.3), ("decline", 0.1))
        ]
        rows += [_reading(champion, on, "approved", 0.7), _reading(champion, on, "overridden", 0.1, "up", count=10)]
    for band, realised in (("A", 0.0), ("C", 0.5)):
        rows += [
            _reading(champion, TODAY.replace(day=1), "predicted", 0.1, band),
            _reading(champion, TODAY.replace(day=1), "realised", realised, band),
        ]
    rows += [
        _reading(champion, TODAY.replace(day=1), "vintage_30", age / 100, f"2026-01:{age:02}") for age in (1, 2, 3, 6)
    ]
    rows += [_reading(champion, TODAY, "migration", share, move) for move, share in (("A>A", 0.7), ("A>D", 0.3))]
    MonitoringReading.objects.bulk_create(rows)
    return champion


@pytest.fixture
def vera(people: dict[str, Any]) -> Client:
    return _signed_in(people["vera"], "model validator")


def _signed_in(user: Any, role: str = "") -> Client:
    user.is_staff = True
    user.save()
    if role:
        user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _url(name: str, *args: int) -> str:
    return reverse(f"admin:scoring_monitoringreading_{name}", args=args)


def _section(version: ModelVersion, key: str, days: int = 365) -> Any:
    shown = monitoring_page.page(version, on=TODAY, days=days)
    return next(section for section in shown.sections if section.key == key)


def test_mallory_gets_403_from_every_door(champion: ModelVersion, people: dict[str, Any]) -> None:
    client = _signed_in(people["mallory"])
    for name, args in (("overview", ()), ("model", (champion.pk,)), ("json", (champion.pk,)), ("csv", (champion.pk,))):
        assert client.get(_url(name, *args)).status_code == 403


def test_before_anything_runs_the_page_says_what_to_do_and_then_opens_the_champion(
    vera: Client, champion: ModelVersion
) -> None:
    assert vera.get(_url("overview"))["Location"] == _url("model", champion.pk)
    ModelVersion.objects.filter(pk=champion.pk).update(status="retired")
    assert b"Nothing is monitored until" in vera.get(_url("overview")).content
    assert vera.get(_url("model", 99_999)).status_code == 404


def test_every_section_of_an_unread_model_says_what_is_missing(vera: Client, champion: ModelVersion) -> None:
    page = vera.get(_url("model", champion.pk))
    assert page.status_code == 200
    shown = monitoring_page.page(champion, on=TODAY, days=365)
    assert all(section.missing and not section.chart and not section.table for section in shown.sections)
    monitoring.monitor(TODAY)
    assert "0 applications were scored in a year" in _section(champion, "drift").missing
    assert "2027-10-01" in _section(champion, "bands").missing


def test_a_year_costs_no_more_statements_than_a_month(year: ModelVersion, vera: Client) -> None:
    counts = []
    for days in (30, 365):
        with CaptureQueriesContext(connection) as met:
            monitoring_page.page(year, on=TODAY, days=days)
        counts.append(len(met))
    assert counts == [7, 7]


def test_the_page_and_both_files_hold_the_same_figures(year: ModelVersion, vera: Client) -> None:
    shown = monitoring_page.page(year, on=TODAY, days=90)
    page = vera.get(_url("model", year.pk) + "?days=90").content.decode()
    told = {section["key"]: section for section in vera.get(_url("json", year.pk) + "?days=90").json()["sections"]}
    text = vera.get(_url("csv", year.pk) + "?days=90").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    for section in shown.sections:
        if section.table is None:
            continue
        shown_rows = [[_plain(cell.value) for cell in row] for row in section.table.rows]
        assert shown_rows == told[section.key]["table"]["rows"]
        own = [row for row in rows if row["section"] == section.key]
        assert len(own) == sum(len(row) - 1 for row in section.table.rows)
        assert f'id="{section.key}-figures"' in page
        assert all(cell.text in page for cell in section.table.rows[0])
    assert {row["value"] for row in csv_rows_of(shown) if row["row"] == "C" and row["column"] == "Realised"} == {"0.5"}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


def csv_rows_of(shown: monitoring_page.Page) -> list[dict[str, str]]:
    head, *rows = csv_rows(shown.sections)
    return [dict(zip(head, map(str, row), strict=True)) for row in rows]


def test_outcomes_say_what_bad_is_and_vintages_are_drawn_each_in_its_own_way(year: ModelVersion) -> None:
    with translation.override("en"):
        for key in ("bands", "quarters", "in_time", "realised_by"):
            assert "90 or more days past due within 12 months" in _section(year, key).explanation
    months = [f"2025-{month:02}" for month in range(1, 13)]
    for month in months:
        MonitoringReading.objects.create(
            model_version=year, on=TODAY, metric="vintage_30", feature=f"{month}:01", value=0.1, count=10
        )
    chart = _section(year, "vintage_30").chart
    assert chart is not None and len({series.style for series in chart.series}) == len(chart.series) == 12


def test_shares_of_a_period_are_weighted_by_their_cases(champion: ModelVersion) -> None:
    MonitoringReading.objects.bulk_create(
        [_reading(champion, TODAY, "window", 0.0)]
        + [_reading(champion, TODAY.replace(day=1), "decided", 0.0, kind, count=1) for kind in ("refer", "decline")]
        + [_reading(champion, TODAY.replace(day=1), "decided", 1.0, "approve", count=1)]
        + [_reading(champion, TODAY.replace(day=2), "decided", 0.5, kind, count=9) for kind in ("approve", "refer")]
    )
    section = _section(champion, "decisions")
    assert [cell.value for cell in section.table.rows[0]] == ["2026-09", 0.55, 0.45, 0.0, 10]
    by_day = _section(champion, "decisions", days=30)
    assert [cell.value for cell in by_day.table.rows[-1]] == ["2026-09-01", 1.0, 0.0, 0.0, 1]


def test_a_realised_rate_that_chance_does_not_explain_stands_out_and_a_fall_of_bands_is_warm(
    year: ModelVersion,
) -> None:
    rows = {row[0].value: row for row in _section(year, "bands").table.rows}
    assert (rows["A"][2].tone, rows["A"][4].text) == ("", "yes")
    assert (rows["C"][2].tone, rows["C"][4].text) == ("warm3", "no")
    fell = {cell.value: cell.tone for cell in _section(year, "migration").table.rows[0][1:6]}
    assert (fell[0.7], fell[0.3]) == ("", "warm2")
    heat = {row[0].value: row[-2].tone for row in _section(year, "factors").table.rows}
    assert set(heat.values()) == {"warm3"}


def test_alarms_stand_at_the_top_open_ones_first_and_lead_to_their_task(
    year: ModelVersion, vera: Client, people: dict[str, Any]
) -> None:
    monitoring.observe(year, on=TODAY, metric="auc_loss", value=0.2, count=500)
    monitoring.close_task(ReviewTask.objects.get(), note="seen it", by=people["dev"], on=TODAY, disposition="retrain")
    monitoring.observe(year, on=TODAY, metric="override_rate", value=0.9, count=500)
    alarms = monitoring_page.page(year, on=TODAY, days=30).alarms
    assert [(alarm.task.metric, alarm.task.disposition) for alarm in alarms] == [
        ("override_rate", ""), ("auc_loss", "retrain"),
    ]  # fmt: skip
    page = vera.get(_url("model", year.pk)).content.decode()
    assert all(reverse("admin:scoring_reviewtask_change", args=[alarm.task.pk]) in page for alarm in alarms)
    task = vera.get(reverse("admin:scoring_reviewtask_change", args=[alarms[0].task.pk])).content.decode()
    assert "Override rate" in task and _url("model", year.pk) in task


def test_a_task_is_closed_with_what_follows_and_not_without(year: ModelVersion, vera: Client) -> None:
    monitoring.observe(year, on=TODAY, metric="auc_loss", value=0.2, count=500)
    url = reverse("admin:scoring_reviewtask_close", args=[ReviewTask.objects.get().pk])
    assert vera.post(url, {"note": "It ranks as it did."}).status_code == 422
    assert vera.post(url, {"note": "It ranks as it did.", "disposition": "nonsense"}).status_code == 422
    assert ReviewTask.objects.get().closed_on is None
    assert vera.post(url, {"note": "It ranks as it did.", "disposition": "recalibrate"}).status_code == 302
    assert ReviewTask.objects.get().disposition == "recalibrate"


def test_a_shadow_stands_beside_its_champion(
    year: ModelVersion, people: dict[str, Any], demo_trained: Any, demo_table: Any
) -> None:
    other = carried_to_certificate(another_draft(demo_trained, demo_table, people["dev"]), people)
    ModelVersion.objects.filter(pk=other.pk).update(status="shadow")
    MonitoringReading.objects.bulk_create(
        [_reading(other, TODAY, "window", 30.0), _reading(other, TODAY, "score_psi", 0.04)]
        + [_reading(other, TODAY, "band_share", 0.2, band) for band in "ABCDE"]
        + [_reading(other, TODAY.replace(day=1), "auc", 0.77)]
    )
    section = _section(year, "rivals")
    assert [series.label for series in section.chart.series] == ["v2", "v1"]
    row = next(row for row in section.table.rows if row[0].value == "v2")
    assert [cell.value for cell in row[2:10]] == [80, 0.2, 0.2, 0.2, 0.2, 0.2, 0.04, other.metrics["auc"]]
    assert row[10].value == 0.77


def test_the_page_speaks_chinese(year: ModelVersion, vera: Client) -> None:
    vera.cookies["django_language"] = "zh-hans"
    page = vera.get(_url("model", year.pk))
    assert "评分漂移" in page.content.decode()
    assert "月收入" in page.content.decode()
