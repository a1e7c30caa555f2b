"""Version 1 of the API; its description is at /api/schema/ and, to be read, at /api/docs/."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from lending.api import applying, bank, repaying, signing_in

app_name = "api"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    path("v1/sign-in", signing_in.SignIn.as_view(), name="sign-in"),
    path("v1/sign-out", signing_in.SignOut.as_view(), name="sign-out"),
    path("v1/products", applying.Products.as_view(), name="products"),
    path("v1/applications", applying.Applications.as_view(), name="applications"),
    path("v1/applications/<uuid:public_id>", applying.OneApplication.as_view(), name="application"),
    path("v1/applications/<uuid:public_id>/decision", applying.DecisionOfApplication.as_view(), name="decision"),
    path("v1/loans", repaying.Loans.as_view(), name="loans"),
    path("v1/loans/<str:number>", repaying.OneLoan.as_view(), name="loan"),
    path("v1/loans/<str:number>/schedule", repaying.Schedule.as_view(), name="schedule"),
    path("v1/loans/<str:number>/repayments", repaying.Repayments.as_view(), name="repayments"),
    path("v1/loans/<str:number>/payoff-quote", repaying.PayoffQuote.as_view(), name="payoff-quote"),
    path("v1/bank/callbacks", bank.BankCallbacks.as_view(), name="bank-callbacks"),
]
