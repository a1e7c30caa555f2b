"""The strategy desk: a strategy is written in a form, told in words, tried on the past, approved by another, and taken
back.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import translation

from scoring import replay, strategy
from scoring.assessment import Request, assess
from scoring.learning import metrics
from scoring.models import ModelVersion, Strategy
from scoring.strategy_form import StrategyRulesForm
from scoring.strategy_rules import STARTING_RULES
from scoring.strategy_words import condition_told, differences
from tests.scoring.conftest import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def typed(rules: Any = STARTING_RULES, **changes: Any) -> dict[str, Any]:
    """What a browser sends for these rules when it changes what is named."""
    form = StrategyRulesForm(None, start=rules, note="why", effective_from=TODAY)
    sent: dict[str, Any] = {}
    for part in (form.formset.management_form, *form.formset, form.figures, *form.bands.values()):
        for field in part:
            value = field.value()
            if value in (None, "") and isinstance(field.field, forms.ChoiceField):
                value = field.field.choices[0][0]  # as browsers do
            if value not in (None, False):
                sent[field.html_name] = value
    return {**sent, **changes}


def posted(sent: dict[str, Any]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in sent.items():
        data.setlist(name, [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)])
    return data


def read(sent: dict[str, Any], rules: Any = STARTING_RULES) -> StrategyRulesForm:
    return StrategyRulesForm(posted(sent), start=rules)


@pytest.fixture
def desks(people: dict[str, Any]) -> dict[str, Client]:
    clients = {}
    for name, user in people.items():
        user.is_staff = True
        user.language = "en"
        user.save()
        if name in ("dev", "cert"):
            user.groups.add(Group.objects.get(name="risk"))
        clients[name] = Client(headers={"accept-language": "en"})
        clients[name].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return clients


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_form_gives_back_the_rules_it_was_filled_with(language: str) -> None:
    with translation.override(language):
        form = read(typed())
        assert form.is_valid(), form.told_errors()
        assert differences(STARTING_RULES, form.rules()) == []
        assert f'value="{TODAY}"' in str(StrategyRulesForm(None, start=STARTING_RULES, effective_from=TODAY).figures), (
            "a browser shows no other writing of a day"
        )
        assert all(
            form.rules()[part] == STARTING_RULES[part] for part in ("knock_outs", "policy", "must_have", "bands")
        )


def test_a_condition_only_experts_write_is_kept_and_told() -> None:
    deep = {"not": {"any": [{"fact": "records", "op": "is", "value": True}, {"fact": "debts", "op": "gt", "value": 1}]}}
    rules = copy.deepcopy(dict(STARTING_RULES))
    rules["policy"] = [{"code": "DEEP", "when": deep, "text_zh": "深", "text_en": "deep"}]
    form = read(typed(rules), rules)
    assert form.is_valid() and form.rules()["policy"][0]["when"] == deep
    assert "Adverse credit records" in condition_told(deep)


def test_a_new_row_becomes_a_rule_and_a_removed_one_is_gone() -> None:
    count = len([*STARTING_RULES["knock_outs"], *STARTING_RULES["policy"]])
    row = f"rules-{count}-"
    sent = typed(**{
        f"{row}part": "policy", f"{row}join": "all", f"{row}fact0": "feature:expense_share", f"{row}op0": "gt",
        f"{row}value0": "60%", f"{row}unknown0": "skip", f"{row}text_zh": "支出较高", f"{row}text_en": "High expenses.",
        "rules-0-remove": "on",
    })  # fmt: skip
    form = read(sent)
    assert form.is_valid(), form.told_errors()
    rules = form.rules()
    assert [rule["code"] for rule in rules["knock_outs"]] == ["SERIOUSLY_PAST_DUE"]
    added = rules["policy"][-1]
    compared = {"feature": "expense_share", "op": "gt", "value": "0.6"}
    assert added["when"] == {"all": [{"not": {"feature": "expense_share", "op": "missing"}}, compared]}
    assert added["code"] == "EXPENSE_SHARE_GT"
    told = {(change.what, bool(change.before), bool(change.after)) for change in differences(STARTING_RULES, rules)}
    assert told == {("Knock-out rule NO_INCOME", True, False), ("Policy rule EXPENSE_SHARE_GT", False, True)}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rules-0-value0": "many"}, "Rule 1, Value: Write a number"),
        ({"rules-0-op0": ""}, "Rule 1, Comparison: Choose how it is compared"),
        ({"rules-1-text_zh": ""}, "Rule 2, Reason in Chinese: Say why"),
        ({"rules-2-fact0": "fact:sex"}, "Rule 3, Fact: Select a valid choice"),
        ({"cut_offs-approve_to_pd": "50"}, "Declined from a probability of default of: It must lie above"),
        ({"band-C-installments_at_most": "0"}, "Band C, Installments at most: Ensure this value"),
        ({"band-A-rate_position": "101"}, "Band A, Rate within"),
        ({"rules-1-code": "NO_INCOME"}, "Two rules have the code NO_INCOME"),
        (
            {"affordability-assumed_debt_service": "0"},
            "Debt service assumed where it is not known: To assume no debt service would approve",
        ),
    ],
)
def test_what_is_wrong_is_named_by_row_and_field(change: dict[str, str], says: str, desks: dict[str, Client]) -> None:
    assert any(says in told for told in read(typed(**change)).told_errors())
    answer = desks["dev"].post(reverse("admin:scoring_strategy_add"), typed(**change))
    assert answer.status_code == 422 and says.split(":")[0] in answer.content.decode()
    assert not Strategy.objects.exists()


def test_a_row_is_added_without_a_script_and_nothing_is_saved(desks: dict[str, Client]) -> None:
    answer = desks["dev"].post(reverse("admin:scoring_strategy_add"), typed(add="1", **{"rules-0-value0": "zero"}))
    page = answer.content.decode()
    assert answer.status_code == 200 and not Strategy.objects.exists()
    assert page.count('<fieldset class="desk-rule">') == 6 and 'value="zero"' in page
    assert 'role="alert"' not in page


def test_a_strategy_is_drafted_changed_approved_and_copied_back(
    desks: dict[str, Client], approved_strategy: Strategy
) -> None:
    stricter = typed(**{"cut_offs-approve_to_pd": "12.5", "effective_from": "2099-01-01"})
    assert desks["dev"].post(reverse("admin:scoring_strategy_add"), stricter).status_code == 302
    drafted = Strategy.objects.get(version=2)
    assert drafted.rules["cut_offs"] == {"approve_to_pd": "0.125", "decline_from_pd": "0.4"}
    url = reverse("admin:scoring_strategy_change", args=[drafted.pk])
    page = desks["dev"].get(url).content.decode()
    assert "18%" in page and "12.5%" in page and "Approve this strategy" not in page, "its own maker cannot approve it"
    assert desks["dev"].post(url, {**stricter, "effective_from": "2099-02-01"}).status_code == 302
    drafted.refresh_from_db()
    assert str(drafted.effective_from) == "2099-02-01"
    assert "Approve this strategy" in desks["cert"].get(url).content.decode()
    desks["cert"].post(reverse("admin:scoring_strategy_approve", args=[drafted.pk]))
    copied = reverse("admin:scoring_strategy_copy", args=[approved_strategy.pk])
    assert desks["mallory"].post(copied).status_code == 403
    assert desks["dev"].get(copied).status_code == 405
    assert desks["dev"].post(copied).status_code == 302
    way_back = Strategy.objects.get(version=3)
    assert (way_back.status, way_back.rules) == ("draft", approved_strategy.rules)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_view_of_a_strategy_opens_in_both_languages(
    language: str, desks: dict[str, Client], people: dict[str, Any], approved_strategy: Strategy
) -> None:
    people["dev"].language = language
    people["dev"].save()
    client = Client(headers={"accept-language": language})
    client.force_login(people["dev"], backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("admin:scoring_strategy_change", args=[approved_strategy.pk])
    for view in (address, f"{address}?expert", reverse("admin:scoring_strategy_swaps", args=[approved_strategy.pk])):
        assert client.get(view).status_code == 200, view


def scored(facts: dict[str, Any], request: Request, subjects: range, on: Any = TODAY) -> list[str]:
    names = [f"S{number}" for number in subjects]
    for name in names:
        assess(facts=facts, request=request, subject=name, customer=f"C-{name}", on=on)
    return names


def test_the_swap_set_counts_who_changes_sides_and_what_became_of_them(
    champion: ModelVersion, approved_strategy: Strategy, good_facts: Any, bad_facts: Any, request_: Request
) -> None:
    good, bad = scored(good_facts, request_, range(3)), scored(bad_facts, request_, range(3, 5))
    rules = copy.deepcopy(dict(STARTING_RULES))
    rules["cut_offs"] = {"approve_to_pd": "0", "decline_from_pd": "1"}
    outcomes = {good[0]: False, good[1]: True, bad[0]: True}
    found = replay.summary(replay.recent(rules, STARTING_RULES, on=TODAY, outcomes=outcomes))
    assert (found["applications"], found["outcomes_known"]) == (5, 3)
    assert (found["before"]["count"], found["after"]["count"]) == (3, 0)
    assert (found["swap_outs"]["count"], found["swap_outs"]["bad_rate"]) == (3, 0.5)
    assert found["swap_ins"]["bad_rate"] is None
    assert {(move["before"], move["after"]): move["count"] for move in found["moves"]} == {
        ("approve", "refer"): 3, ("decline", "refer"): 2,
    }  # fmt: skip


def test_the_replay_says_what_bad_is_and_of_how_many_the_outcome_is_known(
    champion: ModelVersion,
    approved_strategy: Strategy,
    good_facts: Any,
    request_: Request,
    desks: dict[str, Client],
    people: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scoring.admin.strategies.timezone.localdate", lambda: TODAY)
    people["dev"].groups.add(Group.objects.get(name="risk"))
    scored(good_facts, request_, range(3))
    rules = {**STARTING_RULES, "cut_offs": {**STARTING_RULES["cut_offs"], "approve_to_pd": "0.01"}}
    made = Strategy.objects.create(name="default", version=9, rules=rules, effective_from=TODAY)
    for view in (
        reverse("admin:scoring_strategy_change", args=[made.pk]) + "?replay",
        reverse("admin:scoring_strategy_swaps", args=[made.pk]),
    ):
        shown = desks["dev"].get(view, headers={"Accept-Language": "en"}).content.decode()
        assert "90 or more days past due within 12 months of disbursement" in shown
        assert "?replay" not in view or "none known yet" in shown


def test_the_interval_of_a_bad_rate_is_wilsons() -> None:
    from scipy.stats import binomtest

    for bad, count in ((8, 40), (0, 12), (12, 12), (1, 1000)):
        wanted = binomtest(bad, count).proportion_ci(method="wilson")
        assert metrics.wilson(bad, count) == pytest.approx([wanted.low, wanted.high], abs=6e-5)


def test_the_command_replays_a_file_or_a_version(
    champion: ModelVersion, approved_strategy: Strategy, good_facts: Any, request_: Request, tmp_path: Any, capsys: Any
) -> None:
    good = scored(good_facts, request_, range(4))
    rules = {**STARTING_RULES, "cut_offs": {"approve_to_pd": "0", "decline_from_pd": "1"}}
    file, outcomes = tmp_path / "draft.json", tmp_path / "outcomes.csv"
    file.write_text(json.dumps(rules))
    outcomes.write_text("subject,outcome\n" + "".join(f"{name},{place % 2}\n" for place, name in enumerate(good)))
    arguments = ("replay_strategy", str(file), "--against", "1", "--outcomes", str(outcomes))
    call_command(*arguments, "--json", "--from", "2026-01-01", "--until", "2026-12-31")
    found = json.loads(capsys.readouterr().out)
    assert (found["swap_outs"]["count"], found["swap_outs"]["bad_rate"]) == (4, 0.5)
    call_command(*arguments, "--until", "2026-12-31")
    assert "Approved up to a probability of default of: 18% -> 0%" in capsys.readouterr().out
    outcomes.write_text("subject,outcome\nS1,perhaps\n")
    with pytest.raises(CommandError, match=r"--outcomes.*line 2"):
        call_command(*arguments)
    outcomes.write_text("id;bad\nS1;1\n")
    with pytest.raises(CommandError, match=r"--outcomes.*subject .* and outcome .*found: id, bad"):
        call_command(*arguments)
    with pytest.raises(CommandError, match=r"--outcomes: .*nope.csv cannot be read: No such file"):
        call_command(*arguments[:-1], str(tmp_path / "nope.csv"))
    with pytest.raises(CommandError, match=r"draft: .*nope.json cannot be read: No such file"):
        call_command("replay_strategy", str(tmp_path / "nope.json"), "--against", "1")
    file.write_text("rules")
    with pytest.raises(CommandError, match=r"draft: .*draft.json is not JSON"):
        call_command("replay_strategy", str(file), "--against", "1")
    file.write_text("{}")
    with pytest.raises(CommandError, match="missing"):
        call_command("replay_strategy", str(file), "--against", "1")
    with pytest.raises(CommandError, match=r"no version 9.*its versions: 1"):
        call_command("replay_strategy", "9", "--against", "1")


def test_a_draft_without_past_applications_says_so(desks: dict[str, Client], people: dict[str, Any]) -> None:
    drafted = strategy.draft(rules=STARTING_RULES, note="n", effective_from=TODAY, by=people["dev"], on=TODAY)
    page = desks["dev"].get(reverse("admin:scoring_strategy_change", args=[drafted.pk]) + "?replay").content.decode()
    assert "No application was scored yet" in page
