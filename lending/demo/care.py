"""What customers of the demo lender asked for, and what its officers noticed: lives of `lending.demo.past`.

answered cases       one for each text of complaints.csv, over a year; an officer chose the topic of each
open cases           several topics, the classifier's suggestion beside each; one is past its day
decisions            one explained by the machine, one waiting for a person's words, one reviewed by another officer
plans                one request with the first officer, one awaiting the second one, one accepted
early warnings       a reading of the book; of its tasks the first were worked on, the others wait
"""

import csv
import datetime
import random
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from customers import answering, service_cases
from customers.models import Customer, ServiceCase, User
from lending.applications import explaining, review
from lending.applications.models import Application, Decision
from lending.demo import inventory, people
from lending.demo.past import Life
from lending.loans.models import Loan
from lending.regulation.clocks import answer_due_on
from lending.servicing import early_warning, plan_accepting, plan_asking, plan_deciding, warning_tasks
from lending.servicing.models import PlanChange, WarningTask

TEXTS = Path(__file__).with_name("complaints.csv")
DAY = datetime.timedelta(days=1)
#: So long ago the classifier was trained; what is older was sorted by officers alone.
SORTED_DAYS = 60
Staff = dict[str, User]

#: What is answered to a topic, in Chinese and in English.
ANSWERS = {
    "fees": (
        "我们已逐项核对费用，明细见您的账单；如有多收，将退回您的账户。",
        "We checked every charge; your statement shows each of them.",
    ),
    "collection": (
        "我们已停止该联系方式并核查录音，向您致歉。",
        "We have stopped these calls and are checking the recordings. We apologise.",
    ),
    "privacy": ("我们已核查您的授权记录，并按您的要求处理。", "We checked your consents and did as you asked."),
    "payment": ("该笔款项已核实并入账，逾期记录已更正。", "The payment was found and posted to your loan."),
    "decision": ("审批依据已在您的申请页面列明。", "The reasons stand on the page of your application."),
    "app": ("问题已修复，请更新页面后再试。", "It has been repaired; please load the page again."),
}
#: (kind, text, days ago); a complaint is answered within 15 days, so the oldest is past its day.
OPEN = (
    ("complaint", "催收一直打电话到我单位，同事都知道了，请马上停止", 19),
    ("complaint", "提前还款为什么还收费，合同里没有写清楚", 6),
    ("complaint", "You asked a data company about me without my consent", 4),
    ("question", "上周五转的钱今天还没有入账，会算逾期吗", 3),
    ("correction", "申请里登记的工作单位是以前的，请帮我更正", 2),
    ("question", "I cannot open the page with my repayment plan on my phone", 1),
)


def lives(staff: Staff, today: datetime.date) -> Iterator[Life]:
    """Everything that customers began, and what came of it before the doors open."""
    draw = random.Random("loanbook-demo-cases")
    with TEXTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    writers = _Writers()
    for row in rows:
        on = today - draw.randrange(SORTED_DAYS + 20, 390) * DAY
        by, after = draw.choice((staff["otto"], staff["sun"])), draw.randrange(1, 12)
        yield _answered(writers, row, on, by=by, after=after)
    yield _sorted_by_machine(staff, today - SORTED_DAYS * DAY)
    for kind, text, days in OPEN:
        yield _open(writers, kind, text, today - days * DAY)
    yield _decisions_questioned(today)
    yield from _plans(staff, today)


def warn(staff: Staff, today: datetime.date) -> None:
    """The book read yesterday. Otto reached one customer and missed another; one signal turned out to be nothing."""
    yesterday = today - DAY
    early_warning.warn(on=yesterday)
    tasks = list(WarningTask.objects.order_by("pk")[:3])
    acts = (
        (WarningTask.Outcome.DIFFICULTY, "客户上月失业，已告知如何申请调整还款计划。"),
        (WarningTask.Outcome.NOT_REACHED, "无人接听，晚上再联系。"),
    )
    for task, (outcome, note) in zip(tasks, acts, strict=False):
        warning_tasks.mark_contacted(task, outcome=outcome, note=note, by=staff["otto"], on=today)
    for task in tasks[2:]:
        warning_tasks.resolve(task, note="仅为转账延迟，无其他异常。", by=staff["otto"], on=today)


def _answered(writers: "_Writers", row: dict[str, str], on: datetime.date, *, by: User, after: int) -> Life:
    yield on
    while (case := _opened(writers, "complaint", row["text"], on)) is None:
        on += 7 * DAY
        yield on
    answer = ANSWERS[row["topic"]][0 if case.customer.language.startswith("zh") else 1]
    on += after * DAY
    yield on
    answering.answer(case, answer=answer, topic=row["topic"], by=by, on=on)


def _sorted_by_machine(staff: Staff, on: datetime.date) -> Life:
    yield on
    inventory.certified_topics(staff, on=on)


def _open(writers: "_Writers", kind: str, text: str, on: datetime.date) -> Life:
    yield on
    _opened(writers, kind, text, on)


class _Writers:
    """Whoever is a customer by then, in turn, each writing in her language."""

    def __init__(self) -> None:
        self.turn = 0

    def next(self, text: str, on: datetime.date) -> Customer | None:
        known = Customer.objects.filter(user__isnull=False, registered_on__lt=on - 10 * DAY)
        customers = list(known.select_related("user").order_by("registered_on", "pk"))
        chinese = not text.isascii()
        customers = [one for one in customers if one.language.startswith("zh") == chinese] or customers
        self.turn += 1
        return customers[self.turn * 7 % len(customers)] if customers else None


def _opened(writers: _Writers, kind: str, text: str, on: datetime.date) -> ServiceCase | None:
    """Nothing where nobody is a customer yet."""
    customer = writers.next(text, on)
    if customer is None:
        return None
    due_on = answer_due_on(kind, on=on)
    return service_cases.open_case(customer, kind=kind, text=text, by=customer.user, on=on, due_on=due_on)


def _decisions_questioned(today: datetime.date) -> Life:
    """Of the latest declined: one machine's decision explained, one officer's to be explained, one to be reviewed."""
    yield today - 5 * DAY
    declined = Decision.objects.filter(
        outcome=Decision.Outcome.DECLINE, application__status=Application.Status.DECLINED
    ).select_related("application__customer__user", "application__product_version")
    latest = declined.filter(decided_on__lt=today - 10 * DAY).order_by("-decided_on", "-pk")
    for decision in latest.filter(by__isnull=True)[:1]:
        explaining.ask_for_explanation(decision, by=decision.application.customer.user, on=today - 5 * DAY)
    yield today - 3 * DAY
    by_officers = [one for one in latest.filter(by__isnull=False)[:20] if _may_ask(one)]
    for decision in by_officers[:1]:
        text = "我的收入证明都交了，希望换一位工作人员再看一次。"
        review.ask_for_review(decision, by=decision.application.customer.user, on=today - 3 * DAY, text=text)
    yield today - DAY
    for decision in by_officers[1:2]:
        explaining.ask_for_explanation(decision, by=decision.application.customer.user, on=today - DAY)


def _may_ask(decision: Decision) -> bool:
    """Not while another application of hers is under way."""
    return not decision.application.customer.applications.filter(status__in=Application.OPEN).exists()


def _plans(staff: Staff, today: datetime.date) -> Iterator[Life]:
    """Three customers who are behind: the first accepted an easier plan, the second's awaits Sun, the third's Otto."""
    for asked_before, stages in ((12, 3), (3, 1), (1, 0)):
        yield _plan(staff, today - asked_before * DAY, stages)


def _plan(staff: Staff, on: datetime.date, stages: int) -> Life:
    """Asked for on this day; then proposed the next, approved the day after, accepted two days later: so many of these."""
    yield on
    change = next((found for loan in _late(on) if (found := _asked(loan, on))), None)
    if change is None or stages == 0:
        return
    on += DAY
    yield on
    told = plan_asking.Told.from_json(change.told)
    way = plan_asking.ways_for(change.loan, told, on=on).ways[0]
    note = "已查看住院证明。"
    change = plan_deciding.propose(
        change, way=way.code, installments=way.installments, note=note, by=staff["otto"], on=on
    )  # fmt: skip
    if stages == 1:
        return
    on += DAY
    yield on
    change = plan_deciding.approve(change, note="同意。", by=staff["sun"], on=on)
    on += 2 * DAY
    yield on
    _text, digest = plan_accepting.terms_text(change, on=on)
    plan_accepting.accept(change, sha256=digest, by=change.loan.customer.user, on=on)


def _late(on: datetime.date) -> list[Loan]:
    """Loans whose customers stopped paying, the latest to do so first; not Zhou Jing's, who has a plan of her own."""
    late = Loan.objects.active().filter(oldest_due_on__lt=on - 14 * DAY, plan_changes__isnull=True)
    loans = late.select_related("customer__user", "customer__person", "application__product_version")
    found = loans.order_by("-oldest_due_on", "pk")[:40]
    return [loan for loan in found if loan.customer.person.phone != people.ZHOU_PHONE]


def _asked(loan: Loan, on: datetime.date) -> PlanChange | None:
    """Nothing where no way would help."""
    told = plan_asking.Told(Decimal(6500), Decimal(4800), Decimal(1200))
    ways = plan_asking.ways_for(loan, told, on=on).ways
    if not ways:
        return None
    return plan_asking.ask(
        loan,
        reason=PlanChange.Reason.ILLNESS,
        told=told,
        wished=ways[0].code,
        text="上个月住院，这几个月收入少了一半。",
        by=loan.customer.user,
        on=on,
        key=uuid.uuid4(),
    )
