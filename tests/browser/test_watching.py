"""The windows of these tests would notice: a forbidden script, a script error, a stranger asked, a page too wide."""

import pytest

from tests.browser.conftest import Sit

pytestmark = pytest.mark.browser


def test_what_goes_wrong_in_a_window_is_noticed(sit: Sit) -> None:
    seat = sit()
    seat.go("/help/")
    assert seat.problems() == []
    seat.page.evaluate(
        """() => {
            const forbidden = document.createElement('script');
            forbidden.textContent = 'window.ran = true';
            document.body.append(forbidden);
            setTimeout(() => { throw new Error('a slip of the pen'); });
            document.body.append(Object.assign(new Image(), {src: 'http://elsewhere.invalid/pixel.png'}));
            const wide = document.createElement('div');
            wide.style.width = '2000px';
            wide.style.height = '1px';
            document.body.append(wide);
        }"""
    )
    assert seat.page.evaluate("window.ran") is None
    seat.page.wait_for_timeout(500)
    seat.measure()
    found = "\n".join(seat.problems())
    for word in ("Content Security Policy", "elsewhere.invalid", "a slip of the pen", "/help/ is 20"):
        assert word in found, found
    seat.forget()
