"""The declared features of people who apply: the only factors a model trained on facts may use.

Protected characteristics are declared too, so that fairness can be measured by them; `usable()` never returns them.
"""

from collections.abc import Mapping
from types import MappingProxyType

from scoring.features.declared import Family, Feature, Kind, Text

_INCOME = Family.IDENTITY_INCOME
_CREDIT = Family.CREDIT_HISTORY
_OURS = Family.BEHAVIOUR
_DEVICE = Family.DEVICE_TRANSACTION
_HUGE = 1e12


def _number(
    name: str,
    label: tuple[str, str],
    family: Family,
    unit: str,
    direction: int,
    against: tuple[str, str],
    in_favour: tuple[str, str],
    least: float = 0.0,
    most: float = _HUGE,
    theme: str = "",
) -> Feature:
    return Feature(
        name,
        Text(*label),
        family,
        Kind.NUMBER,
        unit,
        Text(*against),
        Text(*in_favour),
        direction,
        least,
        most,
        False,
        theme,
    )


def _category(
    name: str, label: tuple[str, str], family: Family, against: tuple[str, str], in_favour: tuple[str, str]
) -> Feature:
    return Feature(name, Text(*label), family, Kind.CATEGORY, "", Text(*against), Text(*in_favour))


def _flag(
    name: str,
    label: tuple[str, str],
    family: Family,
    direction: int,
    against: tuple[str, str],
    in_favour: tuple[str, str],
) -> Feature:
    return Feature(name, Text(*label), family, Kind.FLAG, "", Text(*against), Text(*in_favour), direction)


def _protected(name: str, label: tuple[str, str], kind: Kind, unit: str = "") -> Feature:
    never = Text("受保护特征不参与评分。", "A protected characteristic is never scored.")
    return Feature(name, Text(*label), _INCOME, kind, unit, never, never, protected=True)


# fmt: off
_DECLARED: tuple[Feature, ...] = (
    # Identity and income
    _number(
        "income_monthly", ("月收入", "Monthly income"), _INCOME, "money", -1,
        ("您的月收入相对偏低。", "Your monthly income is low compared with other applicants."),
        ("您的月收入较高。", "Your monthly income is comfortable."),
        theme="income",
    ),
    _number(
        "residual_income", ("每月结余", "Income left after expenses"), _INCOME, "money", -1,
        ("您的收入扣除支出后结余较少。", "Little of your income is left after your monthly expenses."),
        ("您的收入扣除支出后结余充足。", "A good part of your income is left after your monthly expenses."),
        least=-_HUGE,
        theme="residual",
    ),
    _number(
        "expense_share", ("支出占收入比", "Expenses as a share of income"), _INCOME, "ratio", +1,
        ("您的支出占收入的比例较高。", "Your monthly expenses take a large share of your income."),
        ("您的支出占收入的比例较低。", "Your monthly expenses take a small share of your income."),
        most=100.0,
        theme="residual",
    ),
    _number(
        "installment_share", ("分期占收入比", "Principal per installment as a share of income"), _INCOME, "ratio", +1,
        ("每期还款相对您的收入偏高。", "The installments would be high for your income."),
        ("每期还款相对您的收入较低。", "The installments are low for your income."),
        most=100.0,
        theme="burden",
    ),
    _number(
        "residual_after_installment", ("还款后每月结余", "Income left after expenses and principal per installment"),
        _INCOME, "money", -1,
        ("扣除支出与每期还款后，您的结余较少。", "Little would be left after your expenses and the installment."),
        ("扣除支出与每期还款后，您仍有充足结余。", "Enough would be left after your expenses and the installment."),
        least=-_HUGE,
        theme="burden",
    ),
    _number(
        "burden_of_residual", ("分期占结余比", "Principal per installment as a share of what is left of the income"),
        _INCOME, "ratio", +1,
        ("每期还款占您每月结余的比例较高。", "The installments would take much of what you have left each month."),
        ("每期还款占您每月结余的比例较低。", "The installments would take little of what you have left each month."),
        most=10.0,
        theme="burden",
    ),
    _number(
        "expenses_monthly", ("月支出", "Monthly expenses"), _INCOME, "money", 0,
        ("与您月支出相近的申请人更常逾期。", "Applicants with monthly expenses like yours more often fell behind."),
        ("您的月支出水平适当。", "Your monthly expenses are moderate."),
        theme="residual",
    ),
    _number(
        "assets", ("资产", "Assets"), _INCOME, "money", -1,
        ("您申报的资产较少。", "You declared few assets."),
        ("您拥有可观的资产。", "You have substantial assets."),
        theme="wealth",
    ),
    _number(
        "net_worth", ("净资产", "Assets less debts"), _INCOME, "money", -1,
        ("您的资产扣除负债后较少。", "Your assets less your debts are low."),
        ("您的资产扣除负债后较多。", "Your assets clearly exceed your debts."),
        least=-_HUGE,
        theme="wealth",
    ),
    _number(
        "debts", ("负债", "Debts"), _INCOME, "money", 0,
        ("与您现有负债相近的申请人更常逾期。", "Applicants with present debts like yours more often fell behind."),
        ("您现有负债的水平适当。", "Your present debts are moderate."),
        theme="debt",
    ),
    _number(
        "debt_to_income", ("负债收入比", "Debts as multiples of monthly income"), _INCOME, "times", +1,
        ("您的现有负债相对收入偏高。", "Your present debts are high for your income."),
        ("您的现有负债相对收入较低。", "Your present debts are low for your income."),
        most=10_000.0,
        theme="debt",
    ),
    _number(
        "employment_years", ("现职年限", "Years in the present employment"), _INCOME, "years", -1,
        ("您在现职的时间较短。", "You have been in your present employment for a short time."),
        ("您在现职的时间较长。", "You have been in your present employment for a long time."),
        most=80.0,
    ),
    _number(
        "residence_years", ("现居住年限", "Years at the present address"), _INCOME, "years", -1,
        ("您在现住址居住的时间较短。", "You have lived at your present address for a short time."),
        ("您在现住址居住较久。", "You have lived at your present address for a long time."),
        most=120.0,
    ),
    _number(
        "dependants", ("被抚养人数", "People supported"), _INCOME, "people", 0,
        ("您需要抚养的人数增加了还款压力。", "The number of people you support weighs on the repayment."),
        ("您的家庭负担较轻。", "The number of people you support is moderate."),
        most=30.0,
    ),
    _category(
        "employment_type", ("就业类型", "Type of employment"), _INCOME,
        ("您的就业类型收入稳定性较低。", "Income from your type of employment is less steady."),
        ("您的就业类型收入较稳定。", "Income from your type of employment is steady."),
    ),
    _category(
        "home_ownership", ("住房情况", "Housing"), _INCOME,
        ("住房情况与您相同的申请人更常逾期。", "Applicants with the same housing as yours more often fell behind."),
        ("您的住房情况较稳定。", "Your housing situation is stable."),
    ),
    _flag(
        "phone_owner_matches", ("手机号码机主为本人", "The phone is the applicant's own"), _INCOME, -1,
        ("您的手机号码登记在他人名下。", "Your phone number is registered under another name."),
        ("您的手机号码登记在本人名下。", "Your phone number is registered under your name."),
    ),
    _number(
        "phone_months_in_use", ("手机号码在网月数", "Months the phone number is in use"), _INCOME, "months", -1,
        ("您的手机号码使用时间较短。", "Your phone number has been in use for a short time."),
        ("您的手机号码使用时间较长。", "Your phone number has been in use for a long time."),
        most=1200.0,
    ),
    # The request itself
    _number(
        "requested_amount", ("申请金额", "Amount requested"), _INCOME, "money", 0,
        ("申请此类金额的贷款更常逾期。", "Loans of the amount you asked for more often fell behind."),
        ("申请金额适中。", "The amount you asked for is moderate."),
        theme="amount",
    ),
    _number(
        "amount_to_income", ("申请金额收入比", "Amount requested as multiples of monthly income"), _INCOME, "times", +1,
        ("申请金额相对您的收入偏高。", "The amount you asked for is high for your income."),
        ("申请金额相对您的收入较低。", "The amount you asked for is low for your income."),
        most=10_000.0,
        theme="amount",
    ),
    _number(
        "amount_to_price", ("申请金额占价款比", "Amount requested as a share of the price"), _INCOME, "ratio", +1,
        ("首付比例较低：申请金额占价款的比例偏高。", "You asked to borrow a large share of the price."),
        ("首付比例较高。", "You pay a good share of the price yourself."),
        most=100.0,
        theme="down_payment",
    ),
    _number(
        "own_share_of_price", ("自付金额", "Part of the price paid by the buyer"), _INCOME, "money", -1,
        ("价款中由您自付的部分较少。", "The part of the price you pay yourself is small."),
        ("价款中由您自付的部分较多。", "The part of the price you pay yourself is large."),
        least=-_HUGE,
        theme="down_payment",
    ),
    _number(
        "price", ("商品价款", "Price of the purchase"), _INCOME, "money", 0,
        ("为此价位商品申请的贷款更常逾期。", "Loans for purchases at this price more often fell behind."),
        ("所购商品的价款适中。", "The price of the purchase is moderate."),
        theme="down_payment",
    ),
    _number(
        "installments", ("期数", "Number of installments"), _INCOME, "installments", 0,
        ("所选期限的贷款更常逾期。", "Loans of the term you chose more often fell behind."),
        ("所选还款期限合适。", "The term you chose suits."),
        most=1200.0,
    ),
    _category(
        "purpose", ("贷款用途", "Purpose of the loan"), _INCOME,
        ("用于此用途的贷款更常逾期。", "Loans for this purpose more often fell behind."),
        ("用于此用途的贷款大多按时还款。", "Loans for this purpose were mostly repaid on time."),
    ),
    # Credit history
    Feature(
        "records", Text("不良信用记录", "Adverse credit records"), _CREDIT, Kind.FLAG, "",
        Text("征信中存在不良信用记录。", "There are adverse records in your credit history."),
        Text("征信中没有不良信用记录。", "There are no adverse records in your credit history."),
        direction=+1, theme="records",
    ),
    _number(
        "bureau_inquiries_6m", ("近6个月征信查询次数", "Credit inquiries in six months"), _CREDIT, "inquiries", +1,
        ("近六个月您的征信被查询次数较多。", "Lenders inquired about you often in the last six months."),
        ("近六个月您的征信查询次数较少。", "Few lenders inquired about you in the last six months."),
        most=500.0,
    ),
    _number(
        "bureau_open_loans", ("未结清贷款笔数", "Open loans elsewhere"), _CREDIT, "loans", +1,
        ("您在其他机构的未结清贷款较多。", "You have many open loans with other lenders."),
        ("您在其他机构的未结清贷款较少。", "You have few open loans with other lenders."),
        most=500.0,
    ),
    _number(
        "bureau_max_dpd_24m", ("近24个月最长逾期天数", "Most days past due in 24 months"), _CREDIT, "days", +1,
        ("近两年您在其他机构有过逾期。", "You were past due with other lenders in the last two years."),
        ("近两年您在其他机构按时还款。", "You paid other lenders on time in the last two years."),
        most=5000.0,
        theme="past_due",
    ),
    _number(
        "bureau_history_months", ("信用历史月数", "Months of credit history"), _CREDIT, "months", -1,
        ("您的信用历史较短。", "Your credit history is short."),
        ("您的信用历史较长。", "Your credit history is long."),
        most=1200.0,
    ),
    _number(
        "bureau_utilisation", ("授信使用率", "Use of existing credit lines"), _CREDIT, "ratio", +1,
        ("您现有授信的使用率较高。", "You use a large share of your existing credit lines."),
        ("您现有授信的使用率较低。", "You use a small share of your existing credit lines."),
        most=50.0,
    ),
    # Behaviour with us
    _number(
        "prior_loans_with_us", ("在本机构的过往贷款", "Earlier loans with us"), _OURS, "loans", -1,
        ("您在我们这里的还款记录较少。", "You have little repayment history with us."),
        ("您在我们这里有还款记录。", "You repaid earlier loans with us."),
        most=1000.0,
        theme="with_us",
    ),
    _number(
        "prior_max_dpd_with_us", ("在本机构最长逾期天数", "Most days past due with us"), _OURS, "days", +1,
        ("您以往在我们这里的贷款有过逾期。", "You were past due on an earlier loan with us."),
        ("您以往在我们这里按时还款。", "You paid earlier loans with us on time."),
        most=5000.0,
    ),
    _number(
        "relationship_months", ("合作月数", "Months as our customer"), _OURS, "months", -1,
        ("您成为我们客户的时间较短。", "You have been our customer for a short time."),
        ("您是我们的老客户。", "You have been our customer for a long time."),
        most=1200.0,
        theme="with_us",
    ),
    # Device and transactions: present only with the customer's separate consent
    _number(
        "device_shared_customers", ("共用设备的客户数", "Other customers on the same device"), _DEVICE, "customers", +1,
        ("您使用的设备与其他客户共用。", "The device you used is shared with other customers."),
        ("您使用的设备没有与其他客户共用。", "The device you used is not shared with other customers."),
        most=10_000.0,
    ),
    _flag(
        "device_emulator", ("模拟器", "The device is an emulator"), _DEVICE, +1,
        ("您使用的设备是模拟器。", "The device you used is an emulator."),
        ("您使用的是真实设备。", "The device you used is a real one."),
    ),
    _flag(
        "device_rooted", ("设备已被破解", "The device is rooted"), _DEVICE, +1,
        ("您使用的设备已被破解。", "The protection of the device you used has been removed."),
        ("您使用的设备没有被破解。", "The protection of the device you used is whole."),
    ),
    _flag(
        "device_proxy", ("设备使用代理", "The device is behind a proxy"), _DEVICE, +1,
        ("您的设备通过代理访问。", "The device you used is behind a proxy."),
        ("您的设备没有使用代理。", "The device you used is not behind a proxy."),
    ),
    _number(
        "device_age_days", ("设备使用天数", "Days the device is known"), _DEVICE, "days", -1,
        ("您使用的设备启用时间较短。", "The device you used has been in use for a short time."),
        ("您使用的设备启用时间较长。", "The device you used has been in use for a long time."),
        most=20_000.0,
    ),
    _number(
        "account_inflow_monthly", ("账户月均流入", "Average monthly inflow of the account"), _DEVICE, "money", -1,
        ("您的账户月均流入较低。", "The average inflow of your account is low."),
        ("您的账户月均流入较高。", "The average inflow of your account is comfortable."),
    ),
    _number(
        "account_overdrawn_days_90d", ("近90天账户透支天数", "Days overdrawn in 90 days"), _DEVICE, "days", +1,
        ("近90天您的账户多次透支。", "Your account was often overdrawn in the last 90 days."),
        ("近90天您的账户没有透支。", "Your account was rarely overdrawn in the last 90 days."),
        most=90.0,
    ),
    _number(
        "account_outflow_monthly", ("账户月均流出", "Average monthly outflow of the account"), _DEVICE, "money", 0,
        ("您的账户月均流出的水平增加了风险。", "The average outflow of your account raises the risk."),
        ("您的账户月均流出适中。", "The average outflow of your account is moderate."),
    ),
    _number(
        "account_salary_regularity", ("工资入账规律性", "Share of months with a salary"), _DEVICE, "ratio", -1,
        ("您的账户工资入账不规律。", "A salary does not reach your account every month."),
        ("您的账户工资入账规律。", "A salary reaches your account every month."),
        most=1.0,
    ),
    _number(
        "account_gambling_share", ("博彩支出占比", "Share of gambling in the outflow"), _DEVICE, "ratio", +1,
        ("您的账户有较多博彩支出。", "Gambling takes a share of what leaves your account."),
        ("您的账户没有博彩支出。", "No gambling is seen on your account."),
        most=1.0,
    ),
    # Protected: measured for fairness, never scored
    _protected("age_years", ("年龄", "Age"), Kind.NUMBER, "years"),
    _protected("sex", ("性别", "Sex"), Kind.CATEGORY),
    _protected("marital_status", ("婚姻状况", "Marital status"), Kind.CATEGORY),
    _protected("ethnicity", ("民族", "Ethnicity"), Kind.CATEGORY),
    _protected("religion", ("宗教", "Religion"), Kind.CATEGORY),
    _protected("nationality", ("国籍", "Nationality"), Kind.CATEGORY),
    _protected("native_place", ("籍贯", "Place of origin"), Kind.CATEGORY),
    _protected("disability", ("残疾", "Disability"), Kind.CATEGORY),
    _protected("education_level", ("教育程度", "Education"), Kind.CATEGORY),
)

# fmt: on
REGISTRY: Mapping[str, Feature] = MappingProxyType({feature.name: feature for feature in _DECLARED})


def usable() -> tuple[Feature, ...]:
    """The features a model may be trained on: declared and not protected, in declaration order."""
    return tuple(feature for feature in _DECLARED if not feature.protected)


def protected() -> tuple[Feature, ...]:
    """The characteristics fairness is measured by."""
    return tuple(feature for feature in _DECLARED if feature.protected)
