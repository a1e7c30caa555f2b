"""The words of the fraud rules, in both languages: what the applicant is told, and what a rule is called on the desk.

An applicant is never told which rule fired, or what somebody else shares with her.
"""

from collections.abc import Mapping
from types import MappingProxyType

from scoring.features import Text

VERIFY = Text("部分身份信息需要人工核实。", "Some of your details need to be verified by a person.")
REFUSE = Text("您提供的身份信息无法通过核验。", "The identity details you gave could not be verified.")
FREQUENT = Text(
    "短期内申请次数过多，需人工核实。", "You applied several times within a few days; a person will check this."
)
DOCUMENT = Text("请提供有效的身份证件，由人工核实。", "Please show a valid ID card; a person will check it.")
INCOME = Text("需要人工核实您的收入。", "A person needs to verify your income.")
ACCOUNT = Text("需要人工核实您的银行账户。", "A person needs to verify your bank account.")
CHANGED = Text(
    "您的申请信息与上次不同，需人工核实。", "Your details differ from your last application; a person will check them."
)

LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "IDENTITY_SHARED": Text("证件号码与他人相同", "Identity number of another customer"),
        "PHONE_SHARED": Text("手机号码与他人共用", "Phone shared with another customer"),
        "ACCOUNT_SHARED": Text("银行账户与他人共用", "Bank account shared with another customer"),
        "EMAIL_SHARED": Text("邮箱与他人共用", "E-mail shared with another customer"),
        "DEVICE_SHARED_RECENTLY": Text("设备与多人共用", "Device shared with several customers"),
        "ADDRESS_SHARED": Text("地址与多人共用", "Address shared with many customers"),
        "PERSON_TWICE": Text(
            "姓名、生日和地址与另一客户相同", "Same name, date of birth and address as another customer"
        ),
        "VELOCITY": Text("短期内多次申请", "Many applications of one customer"),
        "PHONE_VELOCITY": Text("同一手机号码频繁申请", "Many applications with one phone"),
        "DEVICE_VELOCITY": Text("同一设备频繁申请", "Many applications on one device"),
        "ACCOUNT_VELOCITY": Text("同一账户频繁申请", "Many applications to one account"),
        "ADDRESS_VELOCITY": Text("同一地址频繁申请", "Many applications from one address"),
        "EMPLOYER_VELOCITY": Text("新雇主名下集中申请", "Many applications of a new employer"),
        "ID_NUMBER_IMPOSSIBLE": Text("证件号码不符合标准", "Impossible identity number"),
        "AGE_DIFFERS": Text("所报年龄与证件不符", "Stated age is not the card's"),
        "DOCUMENT_EXPIRED": Text("身份证已过期", "The ID card has expired"),
        "DOCUMENT_EXPIRES_SOON": Text("身份证即将到期", "The ID card expires soon"),
        "BIRTHPLACE_ELSEWHERE": Text("住址省份与证件不同", "Lives in another province than the card's"),
        "ACCOUNT_HOLDER_DIFFERS": Text("账户户名与本人不符", "The account is held by another name"),
        "PHONE_OWNER_DIFFERS": Text("手机号码机主不是本人", "The phone belongs to another name"),
        "PHONE_NEW": Text("手机号码启用不足一个月", "The phone is in use for less than a month"),
        "EMAIL_DISPOSABLE": Text("一次性邮箱", "Disposable e-mail"),
        "EMPLOYER_PHONE_IS_OWN": Text("单位电话就是本人手机", "The employer's phone is the applicant's own"),
        "INCOME_IMPLAUSIBLE": Text("收入与职业、地区不相称", "Income implausible for the work and region"),
        "INCOME_NOT_IN_ACCOUNT": Text("账户流水不支持所报收入", "The stated income does not reach the account"),
        "FORM_IN_SECONDS": Text("填写过快", "Form filled in within seconds"),
        "FACTS_CHANGED_AFTER_DECLINE": Text("被拒后改报收入或支出", "Income or expenses restated after a decline"),
        "EMPLOYER_CHANGED_AFTER_DECLINE": Text("被拒后更换雇主", "Another employer after a decline"),
        "DEVICE_EMULATED": Text("模拟器设备", "The device is an emulator"),
        "DEVICE_ROOTED": Text("设备已被破解", "The device is rooted"),
        "DEVICE_PROXIED": Text("设备使用代理", "The device is behind a proxy"),
        "DEVICE_OF_MANY": Text("设备上有多个账户", "Many accounts on the device"),
        "BLACKLISTED": Text("在黑名单中", "On the blacklist"),
        "BLACKLISTING_PROPOSED": Text("已提议列入黑名单，待确认", "Proposed for the blacklist, not confirmed"),
        "CONFIRMED_BEFORE": Text("本人曾被确认欺诈", "Own fraud confirmed earlier"),
        "NEAR_CONFIRMED_FRAUD": Text("与已确认欺诈有关联", "Linked to confirmed fraud"),
        "UNUSUAL_FACTS": Text("情况异常少见", "Unusual facts"),
    }
)

FIGURE_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "kind": Text("共用的信息", "What is shared"),
        "count": Text("其他客户数", "Other customers"),
        "days": Text("统计天数", "Within days"),
        "applications": Text("申请次数", "Applications"),
        "score": Text("异常分", "Anomaly score"),
        "threshold": Text("异常分界限", "Threshold"),
        "noted": Text("同时注意到", "Also noted"),
    }
)
FACT_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "id_number_valid": Text("证件号码有效", "ID number is valid"),
        "stated_age_differs_years": Text("所报年龄与证件相差（岁）", "Stated age differs by (years)"),
        "address_province_differs": Text("住址省份与证件不同", "Address in another province than the card's"),
        "id_card_days_left": Text("身份证剩余天数", "Days left on the ID card"),
        "account_holder_differs": Text("账户户名与本人不同", "Account holder is another name"),
        "employer_phone_is_own": Text("单位电话为本人手机", "Employer's phone is the own one"),
        "email_disposable": Text("一次性邮箱", "Disposable e-mail"),
        "income_to_usual": Text("收入为同类职业、地区的倍数", "Income as a multiple of the usual"),
        "income_to_inflow": Text("所报收入为账户流入的倍数", "Stated income as a multiple of the inflow"),
        "form_seconds": Text("填写用时（秒）", "Seconds on the form"),
        "days_since_decline": Text("距上次被拒天数", "Days since the decline"),
        "income_up_percent": Text("收入上调（%）", "Income up by (%)"),
        "expenses_down_percent": Text("支出下调（%）", "Expenses down by (%)"),
        "employer_changed": Text("更换雇主", "Another employer"),
        "others_on_phone": Text("同一手机号码的其他客户", "Others with the phone"),
        "others_on_device": Text("同一设备的其他客户", "Others on the device"),
        "others_on_account": Text("同一账户的其他客户", "Others with the account"),
        "others_on_email": Text("同一邮箱的其他客户", "Others with the e-mail"),
        "others_on_address": Text("同一地址的其他客户", "Others at the address"),
        "others_on_employer": Text("同一雇主的其他客户", "Others at the employer"),
        "applications_7d": Text("7天内申请次数", "Applications in 7 days"),
    }
)
"""Facts of the fraud rules that are no declared features, as the desk calls them."""
