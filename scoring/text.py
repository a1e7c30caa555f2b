"""Short texts (complaints, loan purposes) in Chinese or English put into classes by a linear model on n-grams.

Chinese has no blanks between words, so runs of one to three characters stand for them; Latin words are taken whole
and as runs
of three to five letters, which forgives spelling. Weights are TF-IDF, the model a ridge logistic regression; the
file is JSON.
What spoke for the class can be shown: the n-grams that added most.
"""

import itertools
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.refusals import DataUnusable, UnsafeArtifact

FORMAT = "loanbook-text"
MOST_TERMS = 20_000
LEAST_CASES = 8
FOLDS = 5
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"


def terms_of(text: str) -> Counter[str]:
    """The n-grams of a text and how often each occurs; digits are all one, so that amounts do not matter."""
    plain = re.sub(r"\d+", "0", unicodedata.normalize("NFKC", text).casefold())
    found: Counter[str] = Counter()
    for run in re.findall(f"[{_HAN}]+", plain):
        for size in (1, 2, 3):
            found.update(run[start : start + size] for start in range(len(run) - size + 1))
    words = re.findall(r"[a-z']+", plain)
    found.update(f"_{word}_" for word in words)
    found.update(f"_{first}_{second}_" for first, second in itertools.pairwise(words))
    for word in words:
        for size in (3, 4, 5):
            found.update(word[start : start + size] for start in range(len(word) - size + 1))
    return found


@dataclass(frozen=True)
class Classified:
    """The class, how sure the model is, and the n-grams that spoke for it."""

    label: str
    probability: float
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class TextModel:
    labels: tuple[str, ...]
    idf: Mapping[str, float]
    weights: Mapping[str, tuple[float, ...]]
    intercepts: tuple[float, ...]

    def classify(self, text: str) -> Classified:
        """The most likely class of a text; an empty text gets the commonest with its share."""
        values = self._values(text)
        scores = list(self.intercepts)
        for term, value in values.items():
            for place, weight in enumerate(self.weights[term]):
                scores[place] += value * weight
        most = max(scores)
        total = sum(math.exp(score - most) for score in scores)
        best = scores.index(most)
        strongest = sorted(values, key=lambda term: (-values[term] * self.weights[term][best], term))
        evidence = tuple(term.strip("_") for term in strongest[:5] if self.weights[term][best] > 0)
        return Classified(self.labels[best], 1.0 / total, evidence)

    def to_bytes(self) -> bytes:
        data = {
            "format": FORMAT,
            "labels": list(self.labels),
            "idf": self.idf,
            "weights": self.weights,
            "intercepts": list(self.intercepts),
        }
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "TextModel":
        try:
            data = json.loads(content)
            if data["format"] != FORMAT:
                raise UnsafeArtifact(problem=f"it is not {FORMAT}")
            weights = {term: tuple(row) for term, row in data["weights"].items()}
            return cls(tuple(data["labels"]), data["idf"], weights, tuple(data["intercepts"]))
        except (KeyError, TypeError, ValueError) as problem:
            raise UnsafeArtifact(problem=f"it is not {FORMAT} ({type(problem).__name__})") from None

    def _values(self, text: str) -> dict[str, float]:
        counts = {term: 1 + math.log(n) for term, n in terms_of(text).items() if term in self.idf}
        raw = {term: value * self.idf[term] for term, value in counts.items()}
        length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        return {term: value / length for term, value in raw.items()}


@dataclass(frozen=True)
class TextTrained:
    model: TextModel
    accuracy: float
    macro_f1: float
    confusion: dict[str, dict[str, int]]
    commonest_share: float


def train_text(texts: Sequence[str], labels: Sequence[str], *, seed: int = 0) -> TextTrained:
    """Train on labelled texts and say what five folds showed. Raises DataUnusable for too few cases of a class."""
    from sklearn.model_selection import StratifiedKFold

    tally = Counter(labels)
    if len(tally) < 2:
        raise DataUnusable(problem="at least two classes are needed", field="label")
    for label, count in sorted(tally.items()):
        if count < LEAST_CASES:
            raise DataUnusable(problem=f"“{label}” has {count} cases; at least {LEAST_CASES} are needed", field="label")
    told = [""] * len(texts)
    for learn, out in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(np.zeros(len(texts)), list(labels)):
        model = _fit([texts[i] for i in learn], [labels[i] for i in learn])
        for i in out:
            told[i] = model.classify(texts[i]).label
    confusion = {label: dict.fromkeys(sorted(tally), 0) for label in sorted(tally)}
    for label, found in zip(labels, told, strict=True):
        confusion[label][found] += 1
    right = sum(label == found for label, found in zip(labels, told, strict=True))
    return TextTrained(
        _fit(texts, labels),
        right / len(texts),
        float(np.mean([_f1(confusion, label) for label in confusion])),
        confusion,
        max(tally.values()) / len(texts),
    )


def _fit(texts: Sequence[str], labels: Sequence[str]) -> TextModel:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    counted = [terms_of(text) for text in texts]
    documents: Counter[str] = Counter(term for terms in counted for term in terms)
    kept = sorted((term for term, n in documents.items() if n > 1), key=lambda term: (-documents[term], term))[
        :MOST_TERMS
    ]
    idf = {term: math.log((1 + len(texts)) / (1 + documents[term])) + 1 for term in sorted(kept)}
    shell = TextModel((), idf, {}, ())
    place = {term: column for column, term in enumerate(idf)}
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        for term, value in shell._values(text).items():
            rows.append(row)
            columns.append(place[term])
            values.append(value)
    matrix = csr_matrix((values, (rows, columns)), shape=(len(texts), len(idf)))
    fitted: Any = LogisticRegression(C=10.0, max_iter=400).fit(matrix, list(labels))
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        coefficients = np.vstack([np.zeros_like(coefficients[0]), coefficients[0]])
        intercepts = np.array([0.0, intercepts[0]])
    weights = {term: tuple(round(float(w), 6) for w in coefficients[:, column]) for term, column in place.items()}
    return TextModel(tuple(map(str, fitted.classes_)), idf, weights, tuple(round(float(b), 6) for b in intercepts))


def _f1(confusion: Mapping[str, Mapping[str, int]], label: str) -> float:
    hit = confusion[label][label]
    told = sum(row[label] for row in confusion.values())
    truly = sum(confusion[label].values())
    return 2 * hit / (told + truly) if told + truly else 0.0
