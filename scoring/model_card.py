"""The model card in both languages: what the model is for, what it was made of, how good and how fair it is, and
its limits.
"""

from collections.abc import Callable
from typing import Any

from scoring.features import REGISTRY
from scoring.models import ModelVersion

_WORDS = {
    "en": {
        "purpose": "Purpose", "owner": "Owner", "algorithm": "Algorithm", "tier": "Materiality", "status": "Status",
        "certificate": "Certificate ends", "data": "Training data", "rows": "rows", "file": "File",
        "people": "People",
        "developer": "developer", "validator": "validator", "certifier": "certifier",
        "figures": "Measured on unseen rows",
        "fairness": "Fairness", "group": "Group", "approved": "Approved", "ratio": "Ratio", "interval": "95 % interval",
        "good": "Good approved", "warnings": "Warnings", "limits": "Limits",
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
        "good": "好客户通过率", "warnings": "警告", "limits": "限制", "factors": "因素强度", "none": "无",
        "fallback": "停用后由谁决定",
        "default_limits": "不适用于与训练数据差异较大的人群；认证到期后不得使用；"
        "信息缺失时绝不自动通过。",
        "people_decide": "人工",
    },
}  # fmt: skip


def card(version: ModelVersion, language: str) -> str:
    """The card in Markdown, `language` "zh" or "en"."""
    words = _WORDS[language]
    parts: list[Callable[[ModelVersion, dict[str, str], str], list[str]]] = [_head, _figures, _factors, _fairness, _end]
    return "\n".join(line for part in parts for line in part(version, words, language)) + "\n"


def _head(version: ModelVersion, words: dict[str, str], language: str) -> list[str]:
    people = ", ".join(
        f"{words[role]}: {getattr(version, role) or '—'}" for role in ("developer", "validator", "certifier")
    )
    return [
        f"# {version}", "",
        f"- {words['purpose']}: {version.purpose}",
        f"- {words['owner']}: {version.owner or '—'}",
        f"- {words['algorithm']}: {version.algorithm}",
        f"- {words['tier']}: {version.tier}",
        f"- {words['status']}: {version.status}",
        f"- {words['certificate']}: {version.certificate_expires_on or '—'}",
        f"- {words['data']}: {version.data_name}, {version.data_rows} {words['rows']}, SHA-256 {version.data_sha256}",
        f"- {words['file']}: SHA-256 {version.artifact.file_sha256}",
        f"- {words['people']}: {people}",
        f"- {words['fallback']}: {version.fallback or words['people_decide']}",
    ]  # fmt: skip


def _figures(version: ModelVersion, words: dict[str, str], language: str) -> list[str]:
    figures: dict[str, Any] = (version.validation or {}).get("figures") or {}
    return ["", f"## {words['figures']}", "", *(f"- {name}: {value:.4f}" for name, value in figures.items())]


def _factors(version: ModelVersion, words: dict[str, str], language: str) -> list[str]:
    rows = (version.validation or {}).get("strength", [])[:15]
    return [
        "", f"## {words['factors']}", "",
        *(
            f"- {_label(row['column'], language)}: IV {row['information_value']:.3f}, AUC {row['auc']:.3f}"
            for row in rows
        ),
    ]  # fmt: skip


def _fairness(version: ModelVersion, words: dict[str, str], language: str) -> list[str]:
    lines = ["", f"## {words['fairness']}"]
    for name, found in ((version.validation or {}).get("fairness") or {}).items():
        lines += [
            "", f"### {_label(name, language)}", "",
            f"| {words['group']} | {words['approved']} | {words['ratio']} | {words['interval']} | {words['good']} |",
            "|---|---|---|---|---|",
        ]  # fmt: skip
        for row in found.get("groups", []):
            low, high = row["ratio_interval"]
            good = "—" if row["good_approved"] is None else f"{row['good_approved']:.3f}"
            lines.append(
                f"| {row['group']} | {row['approved']:.3f} | {row['ratio']:.3f} | {low:.3f}–{high:.3f} | {good} |"
            )
    return lines


def _end(version: ModelVersion, words: dict[str, str], language: str) -> list[str]:
    warnings = [f"- {warning}" for warning in version.warnings] or [f"- {words['none']}"]
    limits = version.limitations or words["default_limits"]
    return ["", f"## {words['warnings']}", "", *warnings, "", f"## {words['limits']}", "", limits]


def _label(name: str, language: str) -> str:
    feature = REGISTRY.get(name)
    return name if feature is None else feature.label.zh if language == "zh" else feature.label.en
