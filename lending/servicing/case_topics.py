"""Topics of service cases, suggested by the text classifier in use and learnt from what officers have chosen.

`suggest` is what `customers.topics` asks when a case is opened; `labelled` is what `train_text_classifier --cases` reads.
"""

import datetime
from collections.abc import Iterator
from decimal import Decimal

from customers.models import ServiceCase
from customers.topics import Suggested
from scoring.text import plain
from scoring.text_training import COMPLAINT_TOPIC, text_champion

THOUSANDTH = Decimal("0.001")


def suggest(text: str, on: datetime.date) -> Suggested | None:
    """The topic that the champion holds most probable, or nothing: no champion, or words it knows nothing of."""
    champion = text_champion(COMPLAINT_TOPIC, on)
    found = champion.classify(text) if champion else None
    if champion is None or found is None or found.label is None:
        return None
    return Suggested(found.label, Decimal(str(found.probability)).quantize(THOUSANDTH), champion.version)


def labelled() -> Iterator[tuple[str, str]]:
    """(what the customer wrote, the officer's topic) of every answered case, oldest first; of the same words in two cases
    the newer topic, for officers may think better of it."""
    newest: dict[str, tuple[str, str]] = {}
    for text, topic in ServiceCase.objects.labelled().order_by("pk").values_list("text", "topic").iterator():
        newest[plain(text)] = (text, topic)
    yield from newest.values()
