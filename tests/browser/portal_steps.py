"""What a customer does in the portal, step by step, by the names of the fields: the words differ by language."""

from dataclasses import dataclass

from tests.browser.lender import PASSWORD
from tests.browser.seat import Seat

SECONDS_TO_READ = 5


@dataclass(frozen=True)
class Wish:
    """What she asks for and what she tells about herself; amounts in yuan."""

    amount: str
    installments: str
    income: str
    expenses: str
    employment: str = "public"
    employment_years: str = "9"
    home: str = "owner"
    residence_years: str = "6"
    assets: str = "200000"
    product: str = "consumer-installment"
    purpose: str = "consumption"


def register(seat: Seat, phone: str) -> None:
    """From the landing page to an open account; the code comes by SMS."""
    seat.go("/")
    seat.press("a[href='/accounts/signup/']")
    seat.page.fill("#id_phone", phone)
    seat.page.fill("#id_password1", PASSWORD)
    seat.page.fill("#id_password2", PASSWORD)
    seat.press()
    seat.page.fill("#id_code", seat.lender.last_code(phone))
    seat.press()
    assert seat.path == "/home/", seat.path


def consent(seat: Seat) -> None:
    """One purpose after the other; none may be ticked for her. She gives what is required, and one of the others:
    that a machine may decide. Who does not give that one is seen by an officer."""
    seat.press("a[href='/consents/'].btn-primary")
    boxes = seat.page.locator("form input[type=checkbox]")
    assert boxes.count() >= 5, "purposes stand one by one"
    assert not any(box.is_checked() for box in boxes.all()), "nothing is ticked beforehand"
    for box in boxes.all():
        required = seat.page.locator(f"label[for='{box.get_attribute('id')}'] .chip").count()
        if required or box.get_attribute("name") == "automated_decision":
            box.check()
    seat.press()
    assert seat.path == "/identify/", seat.path


def identify(seat: Seat, *, name: str, id_number: str, wrong_number: str) -> None:
    """First with a mistyped card number: the field is named and nothing is lost. Then right."""
    born = f"{id_number[6:10]}-{id_number[10:12]}-{id_number[12:14]}"
    seat.page.fill("#id_name", name)
    seat.page.fill("#id_id_number", wrong_number)
    seat.page.fill("#id_birth_date", born)
    seat.press()
    assert seat.path == "/identify/"
    assert seat.page.locator("#error-summary a").get_attribute("href") == "#id_id_number"
    assert seat.page.locator("[aria-invalid=true]").get_attribute("name") == "id_number"
    assert seat.page.locator("#id_id_number-problem").inner_text().strip()
    assert seat.page.input_value("#id_name") == name, "what was right stays"
    seat.page.fill("#id_id_number", id_number)
    seat.press()
    assert seat.path == "/home/", seat.text()
    seat.page.go_back()  # to where the form was refused: nothing asks to send it again
    seat.page.go_forward()
    assert seat.path == "/home/", seat.path


def _live_example(seat: Seat, fill: dict[str, str]) -> tuple[str, str]:
    """Type into fields; the example beside them before and after, as the server answered it."""
    before = seat.text("#example")
    for selector, value in fill.items():
        with seat.page.expect_response(lambda answer: "/example/" in answer.url and answer.ok):
            seat.page.fill(selector, value)
    seat.page.wait_for_function(
        "before => document.querySelector('#example').innerText !== before && !document.querySelector('.htmx-request')",
        arg=before,
    )
    return before, seat.text("#example")


def choose(seat: Seat, name: str, value: str) -> None:
    """A radio button, by its label as a finger would."""
    radio = seat.page.locator(f"main input[type=radio][name='{name}'][value='{value}']")
    seat.page.locator(f"label[for='{radio.get_attribute('id')}']").click()
    assert radio.is_checked()


def apply(seat: Seat, wish: Wish) -> int:
    """Fill the steps and send the application. The number of pages it took, the review included."""
    seat.go(f"/apply/{wish.product}/")
    assert seat.page.locator("ol.steps li").count() <= 5
    before, after = _live_example(seat, {"#id_amount": wish.amount})
    assert before != after
    choose(seat, "installments", wish.installments)
    choose(seat, "purpose", wish.purpose)
    seat.press()
    assert seat.path.endswith("/income/"), seat.text()
    _live_example(seat, {"#id_income_monthly": wish.income, "#id_expenses_monthly": wish.expenses})
    assert seat.page.locator("#example .note").count() == 1, "the room is told"
    assert seat.page.locator("#example .note-good").count() == 0, "nobody knows yet what she repays elsewhere"
    seat.page.fill("#id_dependants", "1")
    seat.press()
    choose(seat, "employment_type", wish.employment)
    seat.page.fill("#id_employment_years", wish.employment_years)
    choose(seat, "home_ownership", wish.home)
    seat.page.fill("#id_residence_years", wish.residence_years)
    seat.press()
    for name, value in {"debts": "0", "debt_service_monthly": "0", "assets": wish.assets}.items():
        seat.page.fill(f"#id_{name}", value)
    seat.page.locator("#example .note-good").wait_for()  # it fits what she told
    seat.press()
    assert seat.path.endswith("/review/"), seat.text()
    seat.press()
    return 5


def sign(seat: Seat, *, name: str, account: str) -> None:
    """From the offer to the signature: the cost sheet must be read to its end and confirmed first."""
    offer = seat.path
    assert offer.startswith("/offers/"), offer
    seat.go(f"{offer}contract/")
    assert seat.path == f"{offer}costs/", "no contract before the cost sheet was confirmed"
    confirm, button = seat.page.locator("#confirmed"), seat.page.locator("#gate button[type=submit]")
    assert confirm.is_disabled() and button.is_disabled(), "nobody has read it yet"
    seat.page.locator("[data-read-gate]").evaluate("sheet => { sheet.scrollTop = sheet.scrollHeight; }")
    seat.page.locator("#gate button[type=submit]:enabled").wait_for()
    confirm.check()
    seat.press("#gate button[type=submit]")
    assert seat.path == f"{offer}contract/", seat.text()
    text = seat.text(".contract-text")
    assert len(text) > 800 and name in text
    seat.page.fill("#id_account_number", account)
    seat.page.check("#id_read")
    seat.page.fill("#id_name", name)
    seat.press()
    assert seat.path.startswith("/loans/"), seat.text()


def wait_for_payout(seat: Seat) -> None:
    """The page asks by itself until the worker, the bank and its signed callback have done their part."""
    seat.page.locator("a[href$='/pay/']").first.wait_for(timeout=120_000)
