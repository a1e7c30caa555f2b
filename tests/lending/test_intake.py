"""Files of applications: each row decided once, the bad ones named, nothing half written."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from customers.models import Customer
from lending.applications.models import Application
from tests import builders

pytestmark = pytest.mark.django_db
MAPPING = Path(__file__).parent.parent / "data" / "credit_data.toml"
HEADER = "Seniority,Home,Time,Age,Marital,Records,Job,Expenses,Income,Assets,Debt,Amount,Price,target"
GOOD = "9,rent,60,30,married,no,freelance,73,129,0,0,800,846,0"


@pytest.fixture(autouse=True)
def _product() -> None:
    from django.utils import timezone

    builders.product("consumer-installment", on=timezone.localdate())


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def intake(path: Path, out: Path, **options: object) -> dict[str, object]:
    said = StringIO()
    call_command(
        "intake", str(path), product="consumer-installment", mapping=MAPPING, out=out, json=True, stdout=said, **options
    )
    return json.loads(said.getvalue())


def results(out: Path) -> list[dict[str, str]]:
    with out.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_good_row_is_decided_and_every_bad_one_named_by_line_field_and_reason(tmp_path: Path) -> None:
    path = write(
        tmp_path / "in.csv",
        GOOD,
        GOOD.replace(",800,", ",-5,"),
        GOOD.replace(",800,", ",99999999999999999999,"),
        GOOD.replace("rent,60", "rent,61"),
        GOOD.replace("rent,60", "rent,soon"),
        "9,rent",
        GOOD.replace("9,rent", "12,owner"),
    )
    out = tmp_path / "out.csv"
    summary = intake(path, out)
    assert summary["taken_in"] == 2
    assert summary["bad_rows"] == 5
    rows = results(out)
    assert [row["line"] for row in rows] == ["2", "3", "4", "5", "6", "7", "8"]
    assert [row["error_field"] for row in rows] == ["", "Amount", "Amount", "installments", "Time", "row", ""]
    assert all(row["error"] for row in rows[1:6])
    assert {rows[0]["decision"], rows[6]["decision"]} <= {"approve", "refer", "decline"}
    assert all(rows[index]["reasons"] for index in (0, 6))
    assert Application.objects.count() == Customer.objects.count() == 2


def test_the_same_file_twice_makes_no_second_application(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", GOOD, GOOD, GOOD.replace("9,rent", "12,owner"))
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    assert intake(path, first)["taken_in"] == 3
    assert intake(path, second)["repeated"] == 3
    assert Application.objects.count() == 3
    columns = ("line", "reference", "application", "decision", "limit", "reasons")
    assert [[row[name] for name in columns] for row in results(first)] == [
        [row[name] for name in columns] for row in results(second)
    ]


def test_an_unknown_product_a_broken_mapping_and_a_missing_file_are_refused_in_words(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", GOOD)
    with pytest.raises(CommandError, match="no product nothing-like-it"):
        call_command("intake", str(path), product="nothing-like-it", mapping=MAPPING)
    broken = tmp_path / "map.toml"
    broken.write_text('[facts]\nincome_monthly = "Income"\n')
    with pytest.raises(CommandError, match="channel"):
        call_command("intake", str(path), product="consumer-installment", mapping=broken)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("intake", str(tmp_path / "none.csv"), product="consumer-installment", mapping=MAPPING)


def test_a_row_with_a_person_identifies_her_and_refuses_an_impossible_number(tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text(
        MAPPING.read_text() + '\n[person]\nname = "Name"\nid_number = "IdNumber"\nphone = "Phone"\n', encoding="utf-8"
    )
    path = tmp_path / "in.csv"
    number = builders.resident_id(7)
    path.write_text(
        f"{HEADER},Name,IdNumber,Phone\n{GOOD},王芳,{number},13800138007\n{GOOD},李娜,110105199003070020,13800138008\n"
    )
    said, out = StringIO(), tmp_path / "out.csv"
    call_command("intake", str(path), product="consumer-installment", mapping=mapping, out=out, json=True, stdout=said)
    assert [row["error_field"] for row in results(out)] == ["", "id_number"]
    assert Customer.objects.count() == 1
    assert Customer.objects.get().person.id_number == number
