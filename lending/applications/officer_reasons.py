"""The reasons an officer may give, each for one outcome, in the words the applicant reads."""

from typing import TypedDict


class OfficerReason(TypedDict):
    outcome: str
    text_zh: str
    text_en: str


def _reason(outcome: str, text_zh: str, text_en: str) -> OfficerReason:
    return {"outcome": outcome, "text_zh": text_zh, "text_en": text_en}


OFFICER_REASONS: dict[str, OfficerReason] = {
    "INCOME_VERIFIED": _reason("approve", "收入经人工核实。", "Your income was verified by a person."),
    "IDENTITY_VERIFIED": _reason("approve", "身份信息经人工核实。", "Your identity was verified by a person."),
    "DOCUMENTS_SUFFICIENT": _reason("approve", "补充材料经核实充分。", "The documents you added were sufficient."),
    "GOOD_HISTORY": _reason("approve", "您以往按时还款。", "You repaid earlier loans on time."),
    "REDUCED_AMOUNT_AFFORDABLE": _reason(
        "approve", "按您的还款能力核定金额与期限。", "Amount and term were set to what you can afford."
    ),
    "INCOME_NOT_VERIFIED": _reason("decline", "无法核实您申报的收入。", "The income you stated could not be verified."),
    "INCOME_INSUFFICIENT": _reason(
        "decline", "您的收入不足以承担每期还款。", "Your income is not enough for the installments."
    ),
    "DEBT_TOO_HIGH": _reason("decline", "您现有负债相对收入过高。", "Your present debts are too high for your income."),
    "ADVERSE_RECORDS": _reason(
        "decline", "征信中存在未了结的不良记录。", "Your credit history shows adverse records that are not settled."
    ),
    "IDENTITY_NOT_VERIFIED": _reason("decline", "无法核实您的身份信息。", "Your identity could not be verified."),
    "DOCUMENTS_MISSING": _reason("decline", "所需材料不完整。", "Documents we asked for are missing."),
    "PURPOSE_NOT_SUPPORTED": _reason(
        "decline",
        "无法核实贷款用途或该用途不受支持。",
        "The purpose of the loan could not be verified or is not supported.",
    ),
    "CANNOT_BE_REACHED": _reason(
        "decline", "多次联系未果，无法完成审核。", "We could not reach you to complete the review."
    ),
}
