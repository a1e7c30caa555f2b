"""What a loan may be for: the house's taxonomy, in both languages. Regulation forbids some of them by its own data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Purpose:
    code: str
    name_zh: str
    name_en: str
    business: bool = False

    def name(self, language: str) -> str:
        """The name in the given language ("zh-hans", "en", …)."""
        return self.name_zh if language.lower().startswith("zh") else self.name_en


PURPOSES: dict[str, Purpose] = {
    purpose.code: purpose
    for purpose in (
        Purpose("consumption", "综合消费", "Consumption"),
        Purpose("shopping", "日常消费", "Everyday purchases"),
        Purpose("durables", "家电数码", "Appliances and electronics"),
        Purpose("renovation", "家居装修", "Home renovation"),
        Purpose("education", "教育培训", "Education and training"),
        Purpose("medical", "医疗健康", "Medical care"),
        Purpose("travel", "旅游出行", "Travel"),
        Purpose("wedding", "婚庆", "Wedding"),
        Purpose("vehicle", "购车用车", "Vehicle"),
        Purpose("rent", "租房", "Rent"),
        Purpose("business", "生产经营", "Running a business", business=True),
        Purpose("working_capital", "经营周转", "Working capital", business=True),
        Purpose("inventory", "采购备货", "Inventory", business=True),
        Purpose("equipment", "设备购置", "Equipment", business=True),
        Purpose("payroll", "发放工资", "Payroll", business=True),
        Purpose("housing", "购房", "Buying a home"),
        Purpose("debt_repayment", "偿还其他贷款", "Repaying other loans"),
        Purpose("securities", "股票债券投资", "Securities"),
        Purpose("futures", "期货", "Futures"),
        Purpose("derivatives", "金融衍生品", "Derivatives"),
        Purpose("equity", "股本权益性投资", "Equity investment", business=True),
        Purpose("fixed_assets", "固定资产投资", "Fixed assets", business=True),
    )
}


def is_business(code: str) -> bool:
    """Whether a purpose is a business one; unknown purposes are consumption."""
    return code in PURPOSES and PURPOSES[code].business


def choices(codes: list[str], language: str) -> list[tuple[str, str]]:
    """(code, name) pairs for a form, in the order given; unknown codes are left out."""
    return [(code, PURPOSES[code].name(language)) for code in codes if code in PURPOSES]
