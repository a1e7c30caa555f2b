"""What a case is about: the topics that the desk sorts cases by, declared once, and who may suggest one.

The officer who answers chooses the topic; that choice is the label from which a classifier of texts is trained. A
suggestion is shown beside the case and decides two things only: nothing about the answer, and, where its topic is
urgent, the place of the case on the list. A case is opened whether or not anybody could suggest something.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import get_language

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Topic:
    """`urgent` topics are looked at first: somebody may be harmed while the case waits."""

    code: str
    name_zh: str
    name_en: str
    urgent: bool = False

    def name(self, language: str | None = None) -> str:
        spoken = language or get_language() or "zh-hans"
        return self.name_zh if spoken.lower().startswith("zh") else self.name_en


TOPICS: dict[str, Topic] = {
    topic.code: topic
    for topic in (
        Topic("collection", "催收行为", "Collections conduct", urgent=True),
        Topic("privacy", "个人信息", "Privacy and personal data", urgent=True),
        Topic("hardship", "还款困难", "Trouble paying", urgent=True),
        Topic("fees", "费用与利息", "Fees and interest"),
        Topic("payment", "还款入账", "Repayments and their posting"),
        Topic("decision", "申请审批", "Decision on an application"),
        Topic("app", "网站与技术", "Website and technical matters"),
        Topic("other", "其他", "Something else"),
    )
}


@dataclass(frozen=True, slots=True)
class Suggested:
    """A topic that a classifier proposes, how probable it holds it (0 to 1, three decimals), and which it was."""

    topic: str
    probability: Decimal
    by: str


Suggester = Callable[[str, date], Suggested | None]
_SUGGESTERS: list[Suggester] = []


def suggest_by(suggester: Suggester) -> None:
    """Let a room above suggest topics: `suggester(text, day)`. Only one is asked, the last that was named."""
    _SUGGESTERS[:] = [suggester]


def suggestion(text: str, on: date) -> Suggested | None:
    """What is suggested for a text, or nothing: also when the one who suggests fails, for no case waits for that."""
    if not text or not _SUGGESTERS:
        return None
    try:
        with transaction.atomic():  # a failure of the database here must not break the opening of the case
            found = _SUGGESTERS[0](text, on)
    except Exception:
        _log.exception("no topic could be suggested")
        return None
    return found if found is not None and found.topic in TOPICS else None


def choices() -> list[tuple[str, str]]:
    """(code, name) of every topic in the reader's language."""
    return [(topic.code, topic.name()) for topic in TOPICS.values()]
