"""Seal the rows that may not change into one hash chain.

A link is hash = SHA-256([previous hash, table, key, SHA-256 of the row]), the first previous hash is 64 zeros:

| sequence | table     | key | row digest | previous | hash            |
|----------|-----------|-----|------------|----------|-----------------|
| 1        | loans_... | 7   | d1         | 000...   | h1 = H(000, d1) |
| 2        | loans_... | 8   | d2         | h1       | h2 = H(h1, d2)  |

A row changed behind the application's back no longer has its digest, a removed row is missed by its link, a removed or
changed link no longer joins its neighbours. Rows are sealed shortly after they are committed, by a task and before every
export; two sealers at once are harmless, for the sequence is unique and the second gives way.
"""

from collections.abc import Iterator

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, Max, OuterRef, Value
from django.db.models.functions import Cast, Replace

from compliance.canonical import columns, digest, key_text, row_of
from compliance.immutability import protected_models
from compliance.models import Seal

GENESIS = "0" * 64
CHUNK = 2000
#: How far below the highest sealed key a late committer is still looked for; `seal_all(thorough=True)` looks everywhere.
LOOK_BACK = 20_000


def link_hash(previous: str, table: str, key: str, row_sha256: str) -> str:
    return digest([previous, table, key, row_sha256])


def sealed_models() -> Iterator[type[models.Model]]:
    """Every model whose rows may never change, except the chain itself."""
    for model, condition in protected_models():
        if model is not Seal and not condition:
            yield model


def seal_all(*, thorough: bool = False) -> int:
    """Seal every committed row that has no link yet. Returns how many; safe to call at any time, any number of times."""
    return sum(_seal_model(model, thorough=thorough) for model in sealed_models())


def _unsealed(model: type[models.Model], *, thorough: bool) -> models.QuerySet[models.Model]:
    table = model._meta.db_table
    seals = Seal.objects.filter(table=table)
    rows = model._base_manager.all()
    integer_key = isinstance(model._meta.pk, models.IntegerField)
    if integer_key and not thorough:
        highest = seals.aggregate(highest=Max(Cast("key", models.BigIntegerField())))["highest"] or 0
        rows = rows.filter(pk__gt=highest - LOOK_BACK)
    key = Replace(Cast(OuterRef("pk"), models.CharField(max_length=60)), Value("-"), Value(""))
    return rows.filter(~Exists(seals.filter(key=key)))


def _seal_model(model: type[models.Model], *, thorough: bool) -> int:
    names = [field.attname for field in columns(model)]
    position = names.index(model._meta.pk.attname)
    sealed = 0
    while True:
        rows = list(_unsealed(model, thorough=thorough).order_by("pk").values_list(*names)[:CHUNK])
        if not rows:
            return sealed
        try:
            with transaction.atomic():
                last = Seal.objects.order_by("-sequence").first()
                sequence, previous = (last.sequence, last.hash) if last else (0, GENESIS)
                links = []
                for values in rows:
                    sequence += 1
                    key, row_sha256 = key_text(values[position]), digest(row_of(model, values))
                    own = link_hash(previous, model._meta.db_table, key, row_sha256)
                    links.append(
                        Seal(
                            sequence=sequence,
                            table=model._meta.db_table,
                            key=key,
                            row_sha256=row_sha256,
                            previous_hash=previous,
                            hash=own,
                        )
                    )
                    previous = own
                Seal.objects.bulk_create(links)
        except IntegrityError:
            return sealed  # another sealer was first; what is left is its work or the next run's
        sealed += len(rows)
