"""The doors ask here which business day it is; acts are told, and never ask."""

import datetime

from django.utils import timezone


def business_date() -> datetime.date:
    """Today in the lender's time zone (`settings.TIME_ZONE`)."""
    return timezone.localdate()
