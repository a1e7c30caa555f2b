"""The side of the desk: every role finds its own work, and nothing it may not open."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

#: (group, [(label, icon, admin URL name, permission)])
PLACES: tuple[tuple[Any, tuple[tuple[Any, str, str, str], ...]], ...] = (
    (
        _("Credit"),
        (
            (_("Queue"), "inbox", "applications_application_changelist", "applications.view_application"),
            (_("Disbursements"), "payments", "loans_disbursement_changelist", "loans.view_disbursement"),
            (_("Decisions"), "gavel", "applications_decision_changelist", "applications.view_decision"),
            (_("Service cases"), "contact_support", "customers_servicecase_changelist", "customers.view_servicecase"),
            (_("Customers"), "group", "customers_customer_changelist", "customers.view_customer"),
        ),
    ),
    (
        _("Loans"),
        (
            (_("Loans"), "account_balance_wallet", "loans_loan_changelist", "loans.view_loan"),
            (_("Repayments"), "receipt_long", "repayments_repayment_changelist", "repayments.view_repayment"),
            (_("Payment orders"), "sync_alt", "repayments_paymentorder_changelist", "repayments.view_paymentorder"),
            (_("Arrears"), "schedule", "servicing_arrearsmove_changelist", "servicing.view_arrearsmove"),
            (_("Early warnings"), "warning", "servicing_earlywarning_changelist", "servicing.view_earlywarning"),
            (_("Early-warning tasks"), "task", "servicing_warningtask_changelist", "servicing.view_warningtask"),
            (_("Plan changes"), "event_upcoming", "servicing_planchange_changelist", "servicing.view_planchange"),
            (_("Collection cases"), "support_agent", "collections_case_changelist", "collections.view_case"),
        ),
    ),
    (
        _("Products and rules"),
        (
            (_("Products"), "inventory_2", "products_product_changelist", "products.view_product"),
            (
                _("Product versions"),
                "history_edu",
                "products_productversion_changelist",
                "products.view_productversion",
            ),
            (_("Rule parameters"), "balance", "regulation_ruleparameter_changelist", "regulation.view_ruleparameter"),
        ),
    ),
    (
        _("Scoring"),
        (
            (_("Models"), "model_training", "scoring_modelversion_changelist", "scoring.view_modelversion"),
            (_("Strategies"), "account_tree", "scoring_strategy_changelist", "scoring.view_strategy"),
            (_("Monitoring"), "monitoring", "scoring_monitoringreading_overview", "scoring.view_monitoringreading"),
            (_("Review tasks"), "rate_review", "scoring_reviewtask_changelist", "scoring.view_reviewtask"),
            (_("Fraud cases"), "flag", "scoring_fraudsignal_queue", "scoring.view_fraudsignal"),
            (_("Blacklist"), "block", "scoring_blacklistentry_changelist", "scoring.view_blacklistentry"),
        ),
    ),
    (
        _("Books and operations"),
        (
            (_("Journal entries"), "menu_book", "ledger_entry_changelist", "ledger.view_entry"),
            (_("Accounts"), "account_balance", "ledger_account_changelist", "ledger.view_account"),
            (_("Job runs"), "event_repeat", "servicing_jobrun_changelist", "servicing.view_jobrun"),
            (
                _("Timetable"),
                "alarm",
                "django_celery_beat_periodictask_changelist",
                "django_celery_beat.view_periodictask",
            ),
            (_("Notices"), "mail", "customers_notice_changelist", "customers.view_notice"),
            (_("Delivery log"), "outgoing_mail", "customers_delivery_changelist", "customers.view_delivery"),
            (_("Bank callbacks"), "webhook", "loans_bankcallback_changelist", "loans.view_bankcallback"),
        ),
    ),
    (
        _("Compliance"),
        (
            (
                _("Export and verify the trail"),
                "verified",
                "compliance_trailexport_changelist",
                "compliance.view_trailexport",
            ),
            (_("Seals"), "lock", "compliance_seal_changelist", "compliance.view_seal"),
            (
                _("Views of personal data"),
                "visibility",
                "compliance_personaldataview_changelist",
                "compliance.view_personaldataview",
            ),
            (_("Consents"), "handshake", "customers_consent_changelist", "customers.view_consent"),
            (_("Refused sign-ins"), "no_accounts", "axes_accessattempt_changelist", "axes.view_accessattempt"),
            (_("Staff"), "badge", "customers_user_changelist", "customers.view_user"),
            (_("Roles"), "admin_panel_settings", "auth_group_changelist", "auth.view_group"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups and links of UNFOLD["SIDEBAR"], those that this member of the staff may open."""
    groups: list[dict[str, Any]] = [
        {"title": None, "items": [{"title": _("Today"), "icon": "today", "link": reverse("admin:index")}]}
    ]
    for title, places in PLACES:
        items = [
            {"title": label, "icon": icon, "link": link}
            for label, icon, name, permission in places
            if request.user.has_perm(permission) and (link := _link(name))
        ]
        if items:
            groups.append({"title": title, "items": items})
    return groups


def _link(name: str) -> str:
    """The address, or nothing where that page is not on the desk."""
    try:
        return reverse(f"admin:{name}")
    except NoReverseMatch:
        return ""
