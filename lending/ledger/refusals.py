"""What the ledger refuses."""

from django.utils.translation import gettext_lazy as _

from customers.refusals import Refusal


class UnbalancedEntry(Refusal):
    code = "unbalanced_entry"
    text = _("The lines of a journal entry must be at least two and sum to zero; these sum to %(total)s.")


class EntryDiffers(Refusal):
    code = "entry_differs"
    text = _("This fact is in the journal already with other amounts. Correct it with an entry of its own.")


class UnknownAccount(Refusal):
    code = "unknown_account"
    text = _("There is no account %(code)s in the chart of accounts. Add it to the chart first.")
    status = 400
