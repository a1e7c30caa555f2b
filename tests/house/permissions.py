"""Who may open what, for every address of the project. An address that is missing here fails the tests.

Actors: anonymous, ada (a customer; every object asked for is somebody else's), otto (loan officer), cora (compliance),
mallory (staff without a role). Whoever is not named gets 401, 403, 404 or the sign-in page, and changes nothing.
"""

Actors = frozenset[str]

NOBODY: Actors = frozenset()
EVERYBODY: Actors = frozenset({"anonymous", "ada", "otto", "cora", "mallory"})
SIGNED_IN: Actors = EVERYBODY - {"anonymous"}
STAFF: Actors = frozenset({"otto", "cora", "mallory"})
CUSTOMER: Actors = frozenset({"ada"})
OTTO: Actors = frozenset({"otto"})
CORA: Actors = frozenset({"cora"})
BOTH: Actors = OTTO | CORA

#: Pages of the desk by model: who may look. Their history is looked at by the same.
DESK_VIEWERS: dict[str, Actors] = {
    "customers_customer": BOTH,
    "customers_consenttext": BOTH,
    "customers_consent": BOTH,
    "customers_identitycheck": BOTH,
    "customers_notice": BOTH,
    "customers_delivery": BOTH,
    "customers_servicecase": BOTH,
    "customers_outgoingmessage": CORA,
    "customers_user": CORA,
    "auth_group": CORA,
    "axes_accessattempt": CORA,
    "axes_accessfailurelog": CORA,
    "axes_accesslog": CORA,
    "django_celery_beat_periodictask": CORA,
    "django_celery_beat_crontabschedule": CORA,
    "django_celery_beat_intervalschedule": CORA,
    "django_celery_results_taskresult": CORA,
    "regulation_ruleparameter": BOTH,
    "products_product": BOTH,
    "products_productversion": BOTH,
    "applications_application": BOTH,
    "applications_factssnapshot": BOTH,
    "applications_decision": BOTH,
    "applications_offer": BOTH,
    "applications_contract": BOTH,
    "applications_signature": BOTH,
    "applications_bureauinquiry": BOTH,
    "applications_signalinquiry": BOTH,
    "ledger_account": CORA,
    "ledger_entry": CORA,
    "ledger_line": CORA,
    "loans_loan": BOTH,
    "loans_disbursement": BOTH,
    "loans_loanevent": BOTH,
    "loans_cancellation": BOTH,
    "loans_installment": BOTH,
    "loans_allocation": BOTH,
    "loans_bankcallback": CORA,
    "repayments_repayment": BOTH,
    "repayments_paymentorder": BOTH,
    "servicing_jobrun": CORA,
    "servicing_arrearsmove": BOTH,
    "servicing_earlywarning": BOTH,
    "servicing_warningtask": BOTH,
    "servicing_planchange": BOTH,
    "collections_case": BOTH,
    "collections_contactattempt": BOTH,
    "collections_promisetopay": BOTH,
    "api_idempotentanswer": NOBODY,
    "compliance_trailexport": CORA,
    "compliance_seal": CORA,
    "compliance_personaldataview": CORA,
    "scoring_score": BOTH,
    "scoring_fraudsignal": BOTH,
    "scoring_modelversion": CORA,
    "scoring_modelartifact": CORA,
    "scoring_strategy": CORA,
    "scoring_monitoringreading": CORA,
    "scoring_link": CORA,
    "scoring_blacklistentry": CORA,
    "scoring_reviewtask": CORA,
}

#: Who may add rows by a plain form; nobody deletes, and what is changed by a plain form is changed by superusers.
DESK_ADDERS: dict[str, Actors] = {"regulation_ruleparameter": CORA}

ADDRESSES: dict[str, Actors] = {
    # the desk
    "admin:index": BOTH,
    "admin:login": EVERYBODY,
    "admin:logout": EVERYBODY,
    "admin:password_change": STAFF,
    "admin:password_change_done": STAFF,
    "admin:search": STAFF,
    "admin:autocomplete": NOBODY,
    "admin:jsi18n": STAFF,
    "admin:view_on_site": NOBODY,
    "admin:app_list": BOTH,
    "admin:auth_user_password_change": NOBODY,
    "admin:customers_customer_find": BOTH,
    "admin:customers_customer_reveal": BOTH,
    "admin:customers_servicecase_answer": BOTH,
    "admin:customers_servicecase_topic": BOTH,
    "admin:products_productversion_propose": NOBODY,
    "admin:products_productversion_publish": NOBODY,
    "admin:applications_application_take": OTTO,
    "admin:applications_application_decide": OTTO,
    "admin:loans_disbursement_approve": NOBODY,
    "admin:loans_disbursement_reject": NOBODY,
    "admin:loans_loan_disburse": OTTO,
    "admin:loans_loan_cancel": OTTO,
    "admin:repayments_repayment_post": NOBODY,
    "admin:repayments_repayment_quote": BOTH,
    "admin:repayments_repayment_reverse": NOBODY,
    "admin:servicing_planchange_propose": OTTO,
    "admin:servicing_planchange_approve": NOBODY,
    "admin:servicing_planchange_refuse": OTTO,
    "admin:servicing_warningtask_contacted": OTTO,
    "admin:servicing_warningtask_resolved": OTTO,
    "admin:collections_case_contact": NOBODY,
    "admin:collections_case_promise": NOBODY,
    "admin:compliance_trailexport_export": CORA,
    "admin:compliance_trailexport_verify": CORA,
    "admin:compliance_trailexport_verify_file": CORA,
    "admin:scoring_fraudsignal_queue": BOTH,
    "admin:scoring_modelversion_act": NOBODY,
    "admin:scoring_modelversion_report": CORA,
    "admin:scoring_modelversion_card": CORA,
    "admin:scoring_strategy_approve": NOBODY,
    "admin:scoring_strategy_copy": NOBODY,
    "admin:scoring_strategy_swaps": CORA,
    "admin:scoring_blacklistentry_check": CORA,
    "admin:scoring_blacklistentry_withdraw": NOBODY,
    "admin:scoring_reviewtask_close": NOBODY,
    "admin:scoring_monitoringreading_overview": CORA,
    "admin:scoring_monitoringreading_model": CORA,
    "admin:scoring_monitoringreading_json": CORA,
    "admin:scoring_monitoringreading_csv": CORA,
    # one's own account
    "account_login": EVERYBODY,
    "account_logout": EVERYBODY,
    "account_inactive": EVERYBODY,
    "account_signup": EVERYBODY,
    "account_reauthenticate": SIGNED_IN,
    "account_email": SIGNED_IN,
    "account_email_verification_sent": EVERYBODY,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "account_reset_password": EVERYBODY,
    "account_reset_password_done": EVERYBODY,
    "account_reset_password_from_key": EVERYBODY,
    "account_reset_password_from_key_done": EVERYBODY,
    "account_confirm_login_code": EVERYBODY,
    "account_confirm_email": EVERYBODY,
    "account_verify_phone": SIGNED_IN,
    "account_change_phone": SIGNED_IN,
    "account_request_login_code": EVERYBODY,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": SIGNED_IN,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "set_language": EVERYBODY,
    # machines: a token or a session; customers see their own, staff what their role shows
    "api:schema": EVERYBODY,
    "api:docs": EVERYBODY,
    "api:sign-in": EVERYBODY,
    "api:sign-out": NOBODY,  # ends a token; a session has none
    "api:products": EVERYBODY,
    "api:applications": CUSTOMER | BOTH,
    "api:application": BOTH,
    "api:decision": BOTH,
    "api:loans": CUSTOMER | BOTH,
    "api:loan": BOTH,
    "api:schedule": BOTH,
    "api:repayments": BOTH,
    "api:payoff-quote": BOTH,
    "api:bank-callbacks": NOBODY,  # the bank signs its messages; nobody signs in
    # customers
    "portal:landing": EVERYBODY,
    "portal:example": EVERYBODY,
    "portal:organisation": EVERYBODY,
    "portal:help": EVERYBODY,
    "portal:language": EVERYBODY,
    "portal:home": CUSTOMER,
    "portal:consents": CUSTOMER,
    "portal:withdraw_consent": CUSTOMER,
    "portal:identify": CUSTOMER,
    "portal:profile": CUSTOMER,
    "portal:privacy": CUSTOMER,
    "portal:copy_of_data": CUSTOMER,
    "portal:notices": CUSTOMER,
    "portal:read_all": CUSTOMER,
    "portal:apply": CUSTOMER,
    "portal:apply_for": CUSTOMER,
    "portal:loans": CUSTOMER,
    "portal:payments": CUSTOMER,
    # somebody else's objects: not there
    "portal:notice": NOBODY,
    "portal:application": NOBODY,
    "portal:ask": NOBODY,
    "portal:withdraw": NOBODY,
    "portal:fill": NOBODY,
    "portal:offer": NOBODY,
    "portal:less": NOBODY,
    "portal:offer_example": NOBODY,
    "portal:costs": NOBODY,
    "portal:contract": NOBODY,
    "portal:loan": NOBODY,
    "portal:progress": NOBODY,
    "portal:payoff": NOBODY,
    "portal:cancel_loan": NOBODY,
    "portal:signed_contract": NOBODY,
    "portal:supplement": NOBODY,
    "portal:difficulty": NOBODY,
    "portal:ask_for_plan": NOBODY,
    "portal:plan": NOBODY,
    "portal:decline_plan": NOBODY,
    "portal:pay": NOBODY,
    "portal:payment": NOBODY,
    "portal:payment_state": NOBODY,
}


def allowed(name: str) -> Actors | None:
    """Who may open the address, or None where the table says nothing about it."""
    if name in ADDRESSES:
        return ADDRESSES[name]
    if name.startswith("admin:"):
        model, _underscore, page = name.removeprefix("admin:").rpartition("_")
        if page == "history" and model.endswith("_simple"):
            model = model.removesuffix("_simple")
        if model in DESK_VIEWERS:
            if page == "delete":
                return NOBODY
            if page == "add":
                return DESK_ADDERS.get(model, NOBODY)
            if page in ("changelist", "change", "history"):
                return DESK_VIEWERS[model]
    return None
