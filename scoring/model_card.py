"""The model card in both languages: what the model is for, what it was made of, how good and how fair it is, and
its limits.
"""

from collections.abc import Callable
from typing import Any

from django.utils import translation

from scoring.models import ModelVersion
from scoring.sample_words import sample_told
from scoring.telling import NOTHING, label_of, level_told, limits_told, measure_told, purpose_told, warning_told

_WORDS = {
    "en": {
        "purpose": "Purpose", "owner": "Owner", "algorithm": "Algorithm", "tier": "Materiality", "status": "Status",
        "certificate": "Certificate ends", "data": "Training data", "rows": "rows", "file": "File",
        "people": "People",
        "developer": "developer", "validator": "validator", "certifier": "certifier",
        "figures": "Measured on unseen rows",
        "fairness": "Fairness", "group": "Group", "approved": "Approved", "ratio": "Ratio", "interval": "95 % interval",
        "good": "Good approved", "bad": "Bad approved", "warnings": "Warnings", "limits": "Limits",
        "sample": "How the sample was made", "step": "Step", "applications": "Applications",
        "factors": "Factors by strength", "none": "none",
        "fallback": "If it is withdrawn, decided by",
        "default_limits": "Not for people unlike those of the training data; "
        "not after the certificate ends; a missing fact never approves.", "people_decide": "people",
    },
    "zh": {
        "purpose": "用途", "owner": "负责人", "algorithm": "算法", "tier": "重要性等级", "status": "状态",
        "certificate": "认证到期日", "data": "训练数据", "rows": "行", "file": "文件", "people": "人员",
        "developer": "开发", "validator": "验证", "certifier": "认证", "figures": "在未见数据上的表现",
        "fairness": "公平性", "group": "群体", "approved": "通过率", "ratio": "比率", "interval": "95%区间",
        "good": "好客户通过率", "bad": "坏客户通过率", "warnings": "警告", "limits": "限制",
        "sample": "样本构成", "step": "步骤", "applications": "申请数", "factors": "因素强度", "none": "无",
        "fallback": "停用后由谁决定",
        "default_limits": "不适用于与训练数据差异较大的人群；认证到期后不得使用；"
        "信息缺失时绝不自动通过。",
        "people_decide": "人工",
    },
}  # fmt: skip


def card(version: ModelVersion, language: str) -> str:
    """The card in Markdown, `language` "zh" or "en"."""
    words = _WORDS[language]
    parts: list[Callable[[ModelVersion, dict[str, str]], list[str]]] = [
        _head,
        _sample,
        _figures,
        _factors,
        _fairness,
        _end,
    ]
    with translation.override("zh-hans" if language == "zh" else "en"):
        return "\n".join(line for part in parts for line in part(version, words)) + "\n"


def _head(version: ModelVersion, words: dict[str, str]) -> list[str]:
    people = ", ".join(
        f"{words[role]}: {getattr(version, role) or '—'}" for role in ("developer", "validator", "certifier")
    )
    return [
        f"# {version}", "",
        f"- {words['purpose']}: {purpose_told(version.purpose)}",
        f"- {words['owner']}: {version.owner or '—'}",
        f"- {words['algorithm']}: {version.get_algorithm_display()}",
        f"- {words['tier']}: {version.get_tier_display()}",
        f"- {words['status']}: {version.get_status_display()}",
        f"- {words['certificate']}: {version.certificate_expires_on or '—'}",
        f"- {words['data']}: {version.data_name}, {version.data_rows} {words['rows']}, SHA-256 {version.data_sha256}",
        f"- {words['file']}: SHA-256 {version.artifact.file_sha256}",
        f"- {words['people']}: {people}",
        f"- {words['fallback']}: {version.fallback or words['people_decide']}",
    ]  # fmt: skip


def _sample(version: ModelVersion, words: dict[str, str]) -> list[str]:
    """How the sample was made, of a model trained on our own book."""
    made = sample_told(version.spec.get("sample"))
    if made is None:
        return []
    steps = [f"| {'− ' if taken else ''}{name} | {count:,} |" for name, count, _percent, taken in made.steps]
    left_out = [f"- {reason}: {count:,}" for reason, count in made.left_out]
    return [
        "", f"## {words['sample']}", "", made.period, made.definition, "",
        f"| {words['step']} | {words['applications']} |", "|---|---:|", *steps, "", *left_out, "", made.inference,
    ]  # fmt: skip


def _figures(version: ModelVersion, words: dict[str, str]) -> list[str]:
    figures: dict[str, Any] = (version.validation or {}).get("figures") or {}
    if not figures:
        return []
    return [
        "",
        f"## {words['figures']}",
        "",
        *(f"- {measure_told(name)}: {value:.4f}" for name, value in figures.items()),
    ]


def _factors(version: ModelVersion, words: dict[str, str]) -> list[str]:
    rows = (version.validation or {}).get("strength", [])[:15]
    if not rows:
        return []
    return [
        "", f"## {words['factors']}", "",
        *(
            f"- {label_of(row['column'])}: IV {row['information_value']:.3f}, AUC {row['auc']:.3f}"
            for row in rows
        ),
    ]  # fmt: skip


def _fairness(version: ModelVersion, words: dict[str, str]) -> list[str]:
    measured = (version.validation or {}).get("fairness") or {}
    lines = ["", f"## {words['fairness']}"] if measured else []
    for name, found in measured.items():
        lines += [
            "", f"### {label_of(name)}", "",
            f"| {words['group']} | {words['approved']} | {words['ratio']} | {words['interval']} | {words['good']} "
            f"| {words['bad']} |",
            "|---|---|---|---|---|---|",
        ]  # fmt: skip
        for row in found.get("groups", []):
            low, high = row["ratio_interval"]
            good, bad = (_share(row[key]) for key in ("good_approved", "bad_approved"))
            group = level_told(name, row["group"])
            lines.append(
                f"| {group} | {row['approved']:.3f} | {row['ratio']:.3f} | {low:.3f}–{high:.3f} | {good} | {bad} |"
            )
    return lines


def _end(version: ModelVersion, words: dict[str, str]) -> list[str]:
    warnings = [f"- {warning_told(warning)}" for warning in version.warnings] or [f"- {words['none']}"]
    limits = limits_told(version.limitations) or words["default_limits"]
    return ["", f"## {words['warnings']}", "", *warnings, "", f"## {words['limits']}", "", limits]


def _share(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.3f}"
