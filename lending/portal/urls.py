"""The customers' pages. Everything a page names is found by its public id and shown to its owner alone."""

from django.urls import path

from lending.portal import (
    application,
    consent,
    difficulty,
    home,
    identification,
    landing,
    loan,
    notice,
    offer,
    payment,
    profile,
    wizard,
)

app_name = "portal"
urlpatterns = [
    # Anybody
    path("", landing.landing, name="landing"),
    path("products/<slug:code>/example/", landing.example_of, name="example"),
    path("organisations/", landing.organisation, name="organisation"),
    path("help/", landing.help_page, name="help"),
    path("language/", profile.language, name="language"),
    # The customer
    path("home/", home.home, name="home"),
    path("consents/", consent.give, name="consents"),
    path("consents/<slug:purpose>/withdraw/", consent.withdraw, name="withdraw_consent"),
    path("identify/", identification.identify, name="identify"),
    path("profile/", profile.profile, name="profile"),
    path("your-data/", profile.privacy, name="privacy"),
    path("your-data/copy/", profile.copy_of_data, name="copy_of_data"),
    path("notices/", notice.notices, name="notices"),
    path("notices/read/", notice.read_all, name="read_all"),
    path("notices/<int:pk>/", notice.notice, name="notice"),
    # Asking for a loan
    path("apply/", wizard.choose, name="apply"),
    path("apply/<slug:code>/", wizard.begin, name="apply_for"),
    path("applications/<uuid:public_id>/", application.application, name="application"),
    path("applications/<uuid:public_id>/ask/", application.ask, name="ask"),
    path("applications/<uuid:public_id>/withdraw/", application.withdraw, name="withdraw"),
    path("applications/<uuid:public_id>/<slug:step>/", wizard.fill, name="fill"),
    path("offers/<uuid:public_id>/", offer.offer, name="offer"),
    path("offers/<uuid:public_id>/less/", offer.less, name="less"),
    path("offers/<uuid:public_id>/example/", offer.example_of, name="offer_example"),
    path("offers/<uuid:public_id>/costs/", offer.costs, name="costs"),
    path("offers/<uuid:public_id>/contract/", offer.contract, name="contract"),
    # Having one
    path("loans/", loan.loans, name="loans"),
    path("loans/<uuid:public_id>/", loan.loan, name="loan"),
    path("loans/<uuid:public_id>/progress/", loan.progress, name="progress"),
    path("loans/<uuid:public_id>/payoff/", loan.payoff, name="payoff"),
    path("loans/<uuid:public_id>/cancel/", loan.cancel, name="cancel_loan"),
    path("loans/<uuid:public_id>/contract/", loan.signed_contract, name="signed_contract"),
    path("supplements/<uuid:public_id>/", loan.supplement, name="supplement"),
    path("loans/<uuid:public_id>/difficulty/", difficulty.difficulty, name="difficulty"),
    path("loans/<uuid:public_id>/difficulty/ask/", difficulty.ask, name="ask_for_plan"),
    path("loans/<uuid:public_id>/plan/", difficulty.plan, name="plan"),
    path("loans/<uuid:public_id>/plan/decline/", difficulty.decline, name="decline_plan"),
    path("loans/<uuid:public_id>/pay/", payment.pay, name="pay"),
    path("payments/", payment.payments, name="payments"),
    path("payments/<uuid:key>/", payment.payment, name="payment"),
    path("payments/<uuid:key>/state/", payment.state, name="payment_state"),
]
