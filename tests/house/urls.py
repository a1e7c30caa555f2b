"""Every address of the project, by walking its URL patterns, with sample arguments from the tests' world."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import NoReverseMatch, get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from tests.lending.desk_world import World


@dataclass(frozen=True)
class Address:
    name: str
    converters: tuple[str, ...]
    pattern: str


def every_address() -> Iterator[Address]:
    """Every named pattern. The desk's unnamed ones are its old-style redirects and its catch-all, which need staff."""
    yield from _walk(get_resolver(), (), "")


def _walk(resolver: URLResolver, spaces: tuple[str, ...], prefix: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry, inner, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            pattern = prefix + str(entry.pattern)
            name = ":".join([*spaces, entry.name]) if entry.name else f"unnamed {pattern}"
            yield Address(name, tuple(entry.pattern.regex.groupindex), pattern)


def sample(address: Address, world: World) -> str:
    """The address with arguments that exist where the tests' world has such a row: all of them somebody else's."""
    values = {name: _argument(name, address.name, world) for name in address.converters}
    try:
        return reverse(address.name, kwargs=values)
    except NoReverseMatch:
        return ""


def _argument(argument: str, name: str, world: World) -> object:
    loan, application = world.loan, world.loan.application
    known: dict[str, object] = {
        "admin:customers_customer": world.bao.pk,
        "admin:applications_application": world.application.pk,
        "admin:loans_loan": loan.pk,
        "admin:loans_disbursement": world.disbursement.pk,
        "admin:products_productversion": world.proposed.pk,
        "portal:loan": loan.public_id,
        "portal:application": application.public_id,
    }
    if argument in ("pk", "object_id", "version_id"):
        return next((value for prefix, value in known.items() if name.startswith(prefix)), 1)
    if argument == "public_id":
        return (
            loan.public_id
            if "loan" in name or name.split(":")[-1] in ("progress", "payoff", "signed_contract", "pay")
            else application.public_id
        )
    samples: dict[str, object] = {
        "loan": loan.pk,
        "number": loan.number,
        "app_label": "loans",
        "content_type_id": 1,
        "code": world.version.product.code,
        "purpose": "marketing",
        "step": "loan",
        "key": "00000000-0000-4000-8000-000000000000" if name.startswith("portal") else "abc",
        "uidb36": "1",
        "url": "nowhere",
        "act": "validate",
        "language": "en",
    }
    return samples.get(argument, 1)
