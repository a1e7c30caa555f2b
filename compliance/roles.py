"""Who may do what, as data. A role is a group; after every `migrate` each group holds exactly what stands here.

Least privilege: a role sees what its work needs and may do the acts of its work. Nobody has a permission to change or
delete rows that are only added, and no role holds both sides of a four-eyes act for the same row: the senior officer
approves disbursements and publishes product versions, but the act itself, and the database, refuse the one who asked.
The permission `add_<row>` of an append-only row is the permission for the act that adds it (`add_decision`: decide).
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS

OFFICER = "loan officer"
SENIOR = "senior officer"
COMPLIANCE = "compliance"
DEVELOPER = "model developer"
VALIDATOR = "model validator"
CERTIFIER = "model certifier"
RISK = "risk"
OPERATIONS = "operations"


def _see(app: str, *models: str) -> set[str]:
    return {f"{app}.view_{model}" for model in models}


_CUSTOMERS = _see(
    "customers", "customer", "consent", "consenttext", "identitycheck", "notice", "delivery", "servicecase"
)
_PRODUCTS = _see("products", "product", "productversion") | _see("regulation", "ruleparameter")
_APPLICATIONS = _see(
    "applications",
    "application",
    "factssnapshot",
    "decision",
    "offer",
    "contract",
    "signature",
    "bureauinquiry",
    "signalinquiry",
) | _see("scoring", "score", "fraudsignal")
_LOANS = (
    _see("loans", "loan", "loanevent", "installment", "allocation", "disbursement", "cancellation")
    | _see("repayments", "repayment", "paymentorder")
    | _see("servicing", "arrearsmove", "earlywarning", "warningtask", "planchange")
)
_LEDGER = _see("ledger", "account", "entry", "line")
_COLLECTIONS = _see("collections", "case", "contactattempt", "promisetopay")
_MODELS = _see("scoring", "modelversion", "modelartifact", "strategy", "score", "monitoringreading", "reviewtask")
_JOBS = (
    _see("servicing", "jobrun")
    | _see("customers", "outgoingmessage")
    | _see("django_celery_beat", "periodictask", "crontabschedule", "intervalschedule")
    | _see("django_celery_results", "taskresult")
)
_SECURITY = _see("axes", "accessattempt", "accesslog", "accessfailurelog") | {"customers.view_user", "auth.view_group"}
_EVERYTHING_OF = (
    "customers",
    "scoring",
    "regulation",
    "products",
    "applications",
    "loans",
    "ledger",
    "repayments",
    "servicing",
    "collections",
    "compliance",
)

_OFFICER = (
    _CUSTOMERS
    | _PRODUCTS
    | _APPLICATIONS
    | _LOANS
    | _COLLECTIONS
    | {
        "loans.add_disbursement",
        "loans.cancel_loan",
        "applications.add_application",
        "applications.add_decision",
        "customers.reveal_personal_data",
        "customers.change_servicecase",
        "servicing.propose_planchange",
        "servicing.change_warningtask",
    }
)

ROLES: dict[str, set[str]] = {
    OFFICER: _OFFICER,
    SENIOR: _OFFICER
    | _LEDGER
    | _see("servicing", "jobrun")
    | {
        "loans.approve_disbursement",
        "servicing.approve_planchange",
        "products.add_productversion",
        "products.publish_productversion",
        "repayments.reverse_repayment",
    },
    COMPLIANCE: _JOBS
    | _SECURITY
    | {
        "compliance.export_trail",
        "compliance.verify_trail",
        "customers.change_servicecase",
        "customers.reveal_personal_data",
        "regulation.add_ruleparameter",
        "scoring.confirm_blacklistentry",
    },
    DEVELOPER: _MODELS | {"scoring.add_modelversion", "scoring.submit_modelversion", "scoring.add_strategy"},
    VALIDATOR: _MODELS | {"scoring.validate_modelversion", "scoring.close_reviewtask"},
    CERTIFIER: _MODELS | {"scoring.certify_modelversion", "scoring.promote_modelversion"},
    RISK: _MODELS
    | _PRODUCTS
    | _see("loans", "loan", "installment")
    | _see("servicing", "arrearsmove", "earlywarning", "warningtask", "jobrun")
    | _see("applications", "decision")
    | _see("scoring", "fraudsignal", "blacklistentry", "link")
    | {
        "products.add_productversion",
        "products.publish_productversion",
        "scoring.add_strategy",
        "scoring.change_strategy",
        "scoring.approve_strategy",
        "scoring.dispose_fraudsignal",
        "scoring.close_reviewtask",
        "scoring.add_blacklistentry",
        "scoring.change_blacklistentry",
        "scoring.confirm_blacklistentry",
    },
    OPERATIONS: _APPLICATIONS
    | _LOANS
    | _LEDGER
    | _COLLECTIONS
    | _JOBS
    | _see("customers", "customer", "notice", "delivery")
    | _see("loans", "bankcallback")
    | {
        "applications.add_application",
        "repayments.add_repayment",
        "repayments.reverse_repayment",
        "collections.add_contactattempt",
        "collections.add_promisetopay",
    },
}


def permissions_of(role: str) -> set[str]:
    """The permissions of a role as `app.codename`. Compliance sees every table of our own rooms."""
    if role == COMPLIANCE:
        return ROLES[role] | set(_views_of_all_rooms())
    return ROLES[role]


def _views_of_all_rooms() -> Iterator[str]:
    for label in _EVERYTHING_OF:
        for model in apps.get_app_config(label).get_models():
            yield f"{label}.view_{model._meta.model_name}"


def sync(sender: Any = None, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Give every group exactly its permissions. Receiver of post_migrate, after all permissions were made.

    Permissions whose tables a partial `migrate` has not made yet are given by the next one.
    """
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for role in ROLES:
        group, _made = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set([known[name] for name in permissions_of(role) if name in known])
