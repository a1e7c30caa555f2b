"""Short texts in Chinese or English sorted into categories: complaints, or what a loan is for.

    trained = train([("利息算错了", "fees"), ("They called my mother at night", "collection"), …])
    found = trained.classifier.classify("夜里十一点还打电话催收")
    found.label, found.probability, found.because        # "collection", 0.83, ("催收", "打电话", …)

1. A text is put into one form: full width to half width, lower case, every number a 0, marks and blanks one blank.
2. It becomes character n-grams: of a run of Chinese one to three characters; of a word of letters three to five, its
   ends marked, and the word itself. No dictionary of words is needed; a misspelt word keeps most of its n-grams.
3. An n-gram counts 1 + ln(times in the text), times 1 + ln((1 + texts) / (1 + texts with it)); a text has length 1.
4. A multinomial logistic regression weighs them (Manning, Raghavan, Schütze: Introduction to Information Retrieval,
   chapters 6 and 15). What a category owes to an n-gram is weight times count, so the reason for an answer is read off exactly.

Texts that say nothing the classifier has ever seen get no label. The file is JSON and nothing in it can run. The same
rows give the same bytes. Knows neither cases nor customers: plain texts in, labels out.
"""

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.refusals import DataUnusable, UnsafeArtifact

FORMAT = "loanbook-text-classifier"
FORMAT_VERSION = 1
LEAST_PER_LABEL = 5
MOST_LABELS = 50
MOST_GRAMS = 20_000
MOST_CHARACTERS = 5_000
FOLDS = 5
STRENGTH = 10.0
"""Inverse of the ridge on the weights, as scikit-learn's C; fixed, and not tuned to any data."""

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUNS = re.compile(rf"[{_HAN}]+|[^\W{_HAN}_]+")
_IS_HAN = re.compile(rf"[{_HAN}]")


@dataclass(frozen=True, slots=True)
class Classified:
    """`label` is None when the text says nothing known; `because` are the n-grams that weighed most for it."""

    label: str | None
    probability: float
    probabilities: Mapping[str, float]
    because: tuple[str, ...]


@dataclass(frozen=True)
class TextClassifier:
    """`grams` maps an n-gram to (rarity, weight by label); weights and intercepts are in the order of `labels`."""

    labels: tuple[str, ...]
    intercepts: tuple[float, ...]
    grams: Mapping[str, tuple[float, tuple[float, ...]]]

    def classify(self, text: str) -> Classified:
        """The category of one text, with every category's probability and the n-grams that decided."""
        counted = self.known(grams_of(text))
        if not counted:
            return Classified(None, 0.0, dict.fromkeys(self.labels, 0.0), ())
        sums = self.sums(counted)
        most = max(sums)
        shares = [math.exp(one - most) for one in sums]
        probabilities = [share / sum(shares) for share in shares]
        best = max(range(len(sums)), key=lambda place: sums[place])
        return Classified(
            self.labels[best],
            probabilities[best],
            dict(zip(self.labels, probabilities, strict=True)),
            self._because(counted, best),
        )

    def known(self, counted: Mapping[str, int]) -> dict[str, float]:
        """The n-grams of a text that the classifier knows, weighed; empty when it knows none."""
        return _weighted(
            {gram: n for gram, n in counted.items() if gram in self.grams}, lambda gram: self.grams[gram][0]
        )

    def sums(self, known: Mapping[str, float]) -> list[float]:
        """What speaks for each label, on the scale of log-odds, in the order of `labels`."""
        found = list(self.intercepts)
        for gram, value in known.items():
            for place, weight in enumerate(self.grams[gram][1]):
                found[place] += weight * value
        return found

    def _because(self, counted: Mapping[str, float], best: int, most: int = 5) -> tuple[str, ...]:
        weighed = sorted((-value * self.grams[gram][1][best], gram) for gram, value in counted.items())
        chosen: list[str] = []
        for weight, gram in weighed:
            bare = gram.strip()
            if weight < 0 and len(chosen) < most and not any(bare in other or other in bare for other in chosen):
                chosen.append(bare)
        return tuple(chosen)

    def to_bytes(self) -> bytes:
        data = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "labels": self.labels,
            "intercepts": self.intercepts,
            "grams": self.grams,
        }
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "TextClassifier":
        """The classifier in a file. Raises UnsafeArtifact for anything that is not this format."""
        try:
            data = json.loads(content)
        except (UnicodeDecodeError, ValueError):
            raise UnsafeArtifact(problem="it is not JSON") from None
        if not isinstance(data, dict) or (data.get("format"), data.get("format_version")) != (FORMAT, FORMAT_VERSION):
            raise UnsafeArtifact(problem=f"it is not {FORMAT} {FORMAT_VERSION}")
        try:
            labels = tuple(str(label) for label in data["labels"])
            intercepts = tuple(float(one) for one in data["intercepts"])
            grams = {
                str(gram): (float(rarity), tuple(float(weight) for weight in weights))
                for gram, (rarity, weights) in data["grams"].items()
            }
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise UnsafeArtifact(problem=f"a part is missing or malformed ({type(problem).__name__})") from None
        if len(intercepts) != len(labels) or any(len(weights) != len(labels) for _rarity, weights in grams.values()):
            raise UnsafeArtifact(problem="its weights do not fit its labels")
        return cls(labels, intercepts, grams)


@dataclass(frozen=True)
class TrainedText:
    """A classifier and what it was seen to do on texts it had not been fitted on."""

    classifier: TextClassifier
    validation: dict[str, Any]


def plain(text: str) -> str:
    """One form for what is written in many: NFKC, lower case, numbers as 0, all else that is no letter a blank."""
    folded = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).lower()
    return " ".join(_RUNS.findall(re.sub(r"\d+(?:[.,]\d+)*", " 0 ", folded)))


def grams_of(text: str) -> Counter[str]:
    """The n-grams of a text and how often each stands in it."""
    found: Counter[str] = Counter()
    for run in plain(text).split():
        if _IS_HAN.match(run):
            sizes, marked = (1, 2, 3), run
        else:
            sizes, marked = (3, 4, 5), f" {run} "
            found[marked] += 1
        for size in sizes:
            found.update(
                marked[start : start + size]
                for start in range(len(marked) - size + 1)
                if marked[start : start + size] != marked or marked == run
            )
    return found


def train(rows: Sequence[tuple[str, str]], *, seed: int = 0) -> TrainedText:
    """Train on (text, label) rows. Raises DataUnusable saying which label or row cannot be learnt from."""
    known, repeated = _distinct(rows)
    texts, labels = [text for text, _label in known], [label for _text, label in known]
    _refuse_what_cannot_be_learnt(labels)
    counted = [grams_of(text) for text in texts]
    validation = {**_validated(counted, labels, seed), "repeated_rows_left_out": repeated}
    return TrainedText(_fitted(counted, labels), validation)


def _distinct(rows: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], int]:
    """Each text once: a text that stood in two folds would flatter the validation."""
    first: dict[str, tuple[str, str]] = {}
    for line, (text, label) in enumerate(rows, 2):
        if not plain(text):
            continue
        if not label.strip():
            raise DataUnusable(problem=f"line {line} has no label", field="label")
        before = first.setdefault(plain(text), (text, label.strip()))
        if before[1] != label.strip():
            problem = f"line {line}: the same text is labelled “{before[1]}” and “{label.strip()}”; keep one of them"
            raise DataUnusable(problem=problem, field="label")
    return list(first.values()), len(rows) - len(first)


def _refuse_what_cannot_be_learnt(labels: Sequence[str]) -> None:
    tally = Counter(labels)
    if not 2 <= len(tally) <= MOST_LABELS:
        raise DataUnusable(
            problem=f"there are {len(tally)} labels; from 2 to {MOST_LABELS} can be told apart", field="label"
        )
    rare = [f"“{label}” {count}" for label, count in sorted(tally.items()) if count < LEAST_PER_LABEL]
    if rare:
        problem = f"too few different texts a label, at least {LEAST_PER_LABEL} are needed: {', '.join(rare)}"
        raise DataUnusable(problem=problem, field="label")


def _fitted(counted: Sequence[Counter[str]], labels: Sequence[str]) -> TextClassifier:
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    rarity = _rarities(counted)
    place = {gram: number for number, gram in enumerate(rarity)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for number, one in enumerate(counted):
        weighted = _weighted({gram: n for gram, n in one.items() if gram in place}, rarity.__getitem__)
        rows += [number] * len(weighted)
        columns += [place[gram] for gram in weighted]
        values += weighted.values()
    matrix = csr_matrix((values, (rows, columns)), shape=(len(counted), len(place)))
    with threadpool_limits(limits=1):
        model = LogisticRegression(C=STRENGTH, max_iter=2000, tol=1e-8).fit(matrix, np.array(labels))
    weights, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row says both: half of it for the one, half against the other
        weights, intercepts = np.vstack([-weights, weights]) / 2, np.concatenate([-intercepts, intercepts]) / 2
    rounded = np.round(weights.T, 6).tolist()
    kept = {
        gram: (round(rarity[gram], 6), tuple(rounded[number])) for gram, number in place.items() if any(rounded[number])
    }
    return TextClassifier(tuple(str(label) for label in model.classes_), tuple(np.round(intercepts, 6).tolist()), kept)


def _rarities(counted: Sequence[Counter[str]]) -> dict[str, float]:
    """The n-grams that are used, in a fixed order: in two texts or more, and the most frequent where they are many."""
    texts_with = Counter(gram for one in counted for gram in one)
    common = sorted((-count, gram) for gram, count in texts_with.items() if count >= 2)[:MOST_GRAMS]
    return {gram: math.log((1 + len(counted)) / (1 - count)) + 1 for count, gram in common}


def _weighted(counts: Mapping[str, int], rarity: Any) -> dict[str, float]:
    values = {gram: (1 + math.log(count)) * rarity(gram) for gram, count in counts.items()}
    length = math.sqrt(sum(value * value for value in values.values()))
    return {gram: value / length for gram, value in values.items()} if length else {}


def _validated(counted: Sequence[Counter[str]], labels: Sequence[str], seed: int) -> dict[str, Any]:
    """Cross-validated figures: every text judged by a classifier that had not seen it."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    names = sorted(set(labels))
    judged: list[str | None] = [None] * len(labels)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(np.zeros(len(labels)), labels)
    for learn, out in folds:
        classifier = _fitted([counted[i] for i in learn], [labels[i] for i in learn])
        for i in out:
            judged[i] = _label_of(classifier, counted[i])
    confusion = {true: dict.fromkeys([*names, "none"], 0) for true in names}
    for true, said in zip(labels, judged, strict=True):
        confusion[true][said or "none"] += 1
    by_label = {name: _figures_of(name, confusion) for name in names}
    right = sum(confusion[name][name] for name in names)
    return {
        "texts": len(labels),
        "folds": FOLDS,
        "macro_f1": round(sum(row["f1"] for row in by_label.values()) / len(names), 4),
        "accuracy": round(right / len(labels), 4),
        "accuracy_of_always_the_commonest": round(Counter(labels).most_common(1)[0][1] / len(labels), 4),
        "by_label": by_label,
        "confusion": confusion,
    }


def _label_of(classifier: TextClassifier, counted: Counter[str]) -> str | None:
    known = classifier.known(counted)
    if not known:
        return None
    sums = classifier.sums(known)
    return classifier.labels[max(range(len(sums)), key=lambda place: sums[place])]


def _figures_of(name: str, confusion: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    hit = confusion[name][name]
    said = sum(row[name] for row in confusion.values())
    true = sum(confusion[name].values())
    precision, recall = (hit / said if said else 0.0), hit / true
    f1 = 2 * precision * recall / (precision + recall) if hit else 0.0
    return {"count": true, "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
