"""The words of every consent, per purpose and version: data that grows by versions and is never rewritten.

A purpose says in both languages what is used, for what, who sees it and for how long, and what follows from saying no
(PIPL art. 14-17, 23, 29). `required` purposes are those without which no application can be decided.
"""

import datetime
from dataclasses import dataclass

from customers.models import Purpose


@dataclass(frozen=True, slots=True)
class Words:
    purpose: Purpose
    version: int
    required: bool
    effective_on: datetime.date
    zh: str
    en: str


_START = datetime.date(2024, 1, 1)
_SIGNALS = datetime.date(2025, 1, 1)

TEXTS: tuple[Words, ...] = (
    Words(
        Purpose.IDENTITY,
        1,
        True,
        _START,
        "我同意贷款人使用我的姓名、居民身份证号码（敏感个人信息）和手机号码核实我的身份，以履行法律规定的客户身份识别义务。"
        "信息加密保存，仅供核实身份及依法留存使用，业务关系结束后至少保存十年。不同意则无法申请贷款。",
        "I agree that the lender uses my name, resident ID number (sensitive personal data) and mobile number"
        " to verify who I am, as the law on knowing one's customers requires. They are kept encrypted, for "
        "verification and the retention that the law orders only: ten years after our business ends. Without "
        "this consent no loan can be applied for.",
    ),
    Words(
        Purpose.CREDIT_REPORT,
        1,
        True,
        _START,
        "我授权贷款人为审批本人贷款申请及贷后管理，向依法设立的征信机构查询我的信用报告，并依法报送我的信贷信息。"
        "查询会留下记录；报送不良信息前会告知我。不同意则无法审批申请。",
        "I authorise the lender to query my credit report with licensed credit bureaus, to decide on my "
        "application and to service my loan, and to report my credit information as the law requires. Each "
        "query leaves a trace; before adverse information is reported I am told. Without this consent no "
        "application can be decided.",
    ),
    Words(
        Purpose.AUTOMATED_DECISION,
        1,
        False,
        _START,
        "我同意贷款人根据我提供的信息和信用记录，通过自动化程序对我的申请作出决定。我会立即得知理由；"
        "我有权要求说明，并可随时要求人工复核。不同意时由工作人员决定，时间会更长，不影响结果。",
        "I agree that my application is decided by an automated process from what I state and my credit "
        "record. I am told the reasons at once, may ask for an explanation, and may have it reviewed by a "
        "person. If I say no, a person decides: it takes longer, and nothing else changes.",
    ),
    Words(
        Purpose.DEVICE_SIGNALS,
        1,
        False,
        _START,
        "我同意贷款人使用我的设备信号（设备类型、是否与其他客户共用）识别冒用和欺诈。不采集通讯录、短信、位置和相册。"
        "不同意不影响申请。",
        "I agree that signals of my device (its type, whether other customers use it too) are used to notice "
        "impersonation and fraud. Contacts, messages, location and photos are never collected. Saying no does"
        " not affect an application.",
    ),
    Words(
        Purpose.DEVICE_SIGNALS,
        2,
        False,
        _SIGNALS,
        "我同意贷款人及其委托的设备风险服务商使用我的设备信号识别冒用和欺诈：设备类型、启用天数，是否为模拟器、是否被破解、"
        "是否使用代理、是否与其他客户共用，以及填写申请所用的时间。不采集通讯录、短信、位置和相册。信号随申请保存；"
        "可随时撤回，撤回后不再查询。不同意不影响申请。",
        "I agree that the lender and the device risk service it commissions use signals of my device to notice "
        "impersonation and fraud: its type and days in use, whether it is an emulator, rooted, behind a proxy or used by "
        "other customers too, and how long the form took. Contacts, messages, location and photos are never collected. "
        "The signals are kept with the application; I can withdraw at any time, and nothing is asked from then on. Saying "
        "no does not affect an application.",
    ),
    Words(
        Purpose.TRANSACTION_SIGNALS,
        1,
        False,
        _SIGNALS,
        "我同意贷款人通过我指定账户的开户机构或持牌账户信息服务商，查询该账户近期流水的汇总：月均流入和流出、工资是否按月入账、"
        "透支天数、博彩支出占比，用于核实收入和识别欺诈。不获取逐笔交易和交易对手。汇总随申请保存；可随时撤回，撤回后不再查询。"
        "不同意不影响申请，由其他材料核实收入。",
        "I agree that the lender asks the bank of the account I name, or a licensed account information service, for a "
        "summary of its recent movements: average inflow and outflow, whether a salary arrives each month, days overdrawn, "
        "and the share of gambling, to verify my income and to notice fraud. Single transactions and who stands behind them"
        " are never fetched. The summary is kept with the application; I can withdraw at any time, and nothing is asked "
        "from then on. Saying no does not affect an application: my income is verified by other papers.",
    ),
    Words(
        Purpose.PARTNER_SHARING,
        1,
        False,
        _START,
        "我同意贷款人为共同出资发放贷款，将我的申请信息和还款信息提供给合同中列明的合作金融机构。合作方只能用于该笔贷款。"
        "不同意时，仅由贷款人自有资金办理。",
        "I agree that facts of my application and repayment are given to the partner institutions named in my"
        " contract, so that they can fund a part of my loan. They may use them for that loan only. If I say "
        "no, the lender funds the loan alone.",
    ),
    Words(
        Purpose.MARKETING,
        1,
        False,
        _START,
        "我同意贷款人通过站内信、电子邮件或短信告知我产品和优惠。可随时撤回，不影响申请和已有贷款。",
        "I agree to be told about products and offers in my inbox, by e-mail or by SMS. I can withdraw at any"
        " time; neither an application nor a loan depends on it.",
    ),
)
