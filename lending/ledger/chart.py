"""The chart of accounts, as data: what each account holds and who moves it.

A debit is positive. Assets and expenses stand on the debit side, liabilities, equity and income on the credit side.

====  ===========================  =========  ======================================================================
code  account                      kind       moved by
====  ===========================  =========  ======================================================================
1001  custody bank account         asset      money in and out of the lender's account with the custodian bank
1101  disbursement clearing        asset      payouts sent to the bank that it has not settled yet
1201  loans receivable, principal  asset      every loan event; per loan it is the outstanding principal on the books
1301  interest receivable          asset      credited by a loan's event when its interest is settled; the close of a
                                              day brings the whole account up to all accrued unpaid interest
1302  fees receivable              asset      every loan event; per loan it is the outstanding fees
1303  penalties receivable         asset      every loan event; per loan it is the outstanding penalties
1401  credit loss allowance        asset      contra account: provisions, less what was charged off against them
2101  customers' credit balances   liability  what customers paid more than they owed, until it is used or given back
3001  owner's equity               equity     capital paid in
4001  interest income              income     the other side of 1301
4002  fee income                   income     the other side of 1302
4003  penalty income               income     the other side of 1303
4004  recoveries                   income     money received after a charge-off
5001  charge-off expense           expense    balances taken off the books
5002  provision expense            expense    the other side of 1401
5003  goodwill and waivers         expense    what was forgiven or credited without money
====  ===========================  =========  ======================================================================

Interest accrues every day on every loan, so it is not posted loan by loan: a payment credits 1301 with the interest it
settles, and the close of a business day posts *the sum of accrued unpaid interest less the balance of 1301* against
4001, in one entry per currency. That is right to the cent whatever happened during the day, and a repeated close posts
nothing.
"""

from typing import Any, NamedTuple

from django.utils.translation import get_language

CUSTODY = "1001"
DISBURSEMENT_CLEARING = "1101"
PRINCIPAL = "1201"
INTEREST_RECEIVABLE = "1301"
FEES_RECEIVABLE = "1302"
PENALTIES_RECEIVABLE = "1303"
LOSS_ALLOWANCE = "1401"
CREDIT_BALANCES = "2101"
EQUITY = "3001"
INTEREST_INCOME = "4001"
FEE_INCOME = "4002"
PENALTY_INCOME = "4003"
RECOVERIES = "4004"
CHARGE_OFF_EXPENSE = "5001"
PROVISION_EXPENSE = "5002"
WAIVERS = "5003"


class ChartRow(NamedTuple):
    code: str
    kind: str
    name_zh: str
    name_en: str


CHART = (
    ChartRow(CUSTODY, "asset", "存管银行账户", "Custody bank account"),
    ChartRow(DISBURSEMENT_CLEARING, "asset", "放款清算", "Disbursement clearing"),
    ChartRow(PRINCIPAL, "asset", "应收贷款本金", "Loans receivable, principal"),
    ChartRow(INTEREST_RECEIVABLE, "asset", "应收利息", "Interest receivable"),
    ChartRow(FEES_RECEIVABLE, "asset", "应收费用", "Fees receivable"),
    ChartRow(PENALTIES_RECEIVABLE, "asset", "应收罚息", "Penalties receivable"),
    ChartRow(LOSS_ALLOWANCE, "asset", "贷款损失准备", "Credit loss allowance"),
    ChartRow(CREDIT_BALANCES, "liability", "客户溢缴款", "Customers' credit balances"),
    ChartRow(EQUITY, "equity", "所有者权益", "Owner's equity"),
    ChartRow(INTEREST_INCOME, "income", "利息收入", "Interest income"),
    ChartRow(FEE_INCOME, "income", "手续费收入", "Fee income"),
    ChartRow(PENALTY_INCOME, "income", "罚息收入", "Penalty income"),
    ChartRow(RECOVERIES, "income", "核销后收回", "Recoveries after charge-off"),
    ChartRow(CHARGE_OFF_EXPENSE, "expense", "核销损失", "Charge-off expense"),
    ChartRow(PROVISION_EXPENSE, "expense", "计提减值损失", "Provision expense"),
    ChartRow(WAIVERS, "expense", "减免支出", "Goodwill and waivers"),
)


def install(sender: Any = None, using: str = "default", **kwargs: Any) -> None:
    """Add the accounts that are missing. Receiver of post_migrate: the chart is there after every `migrate`."""
    from lending.ledger.models import Account

    present = set(Account.objects.using(using).values_list("code", flat=True))
    for row in CHART:
        if row.code not in present:
            account = Account(**row._asdict())
            account.save(using=using)


def name_of(name_zh: str, name_en: str) -> str:
    """The name in the user's language."""
    return name_zh if (get_language() or "").startswith("zh") else name_en
