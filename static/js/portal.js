// The portal works without this file; it only spares a second click, a second order, a form sent again and a long scroll.
(function () {
  "use strict";

  // A form is sent once: the button says so and a second click does nothing.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.hasAttribute("hx-get") || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.querySelectorAll("button[type=submit]").forEach(function (button) {
      button.setAttribute("aria-busy", "true");
      if (button === event.submitter && button.dataset.busy) button.lastChild.textContent = button.dataset.busy;
    });
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach(function (button) { button.removeAttribute("aria-busy"); });
    });
  });

  // A page that answers a form, such as a refusal, is gone back to by its address: nothing asks to send the form again.
  var answer = document.querySelector("main[data-address]");
  if (answer) window.history.replaceState(window.history.state, "", answer.dataset.address);

  // A slider and a number field show the same amount.
  document.querySelectorAll("[data-mirror]").forEach(function (slider) {
    var field = document.getElementById(slider.dataset.mirror);
    slider.addEventListener("input", function () {
      field.value = slider.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    field.addEventListener("input", function () { slider.value = field.value.replace(/[^0-9.]/g, ""); });
  });

  // Forced reading: the confirmation opens when the sheet was read to its end and its time has passed.
  document.querySelectorAll("[data-read-gate]").forEach(function (sheet) {
    var gate = document.getElementById(sheet.dataset.readGate);
    var clock = document.getElementById(sheet.dataset.readClock);
    var left = parseInt(sheet.dataset.readSeconds || "0", 10);
    var controls = gate.querySelectorAll("input, button");
    var ended = false;
    function look() {
      if (sheet.scrollTop + sheet.clientHeight >= sheet.scrollHeight - 8) ended = true;
      if (clock) clock.textContent = left > 0 ? clock.dataset.wait.replace("%s", left) : ended ? clock.dataset.ready : clock.dataset.scroll;
      controls.forEach(function (control) { control.disabled = !(ended && left <= 0); });
    }
    sheet.addEventListener("scroll", look);
    window.setInterval(function () { if (left > 0) { left -= 1; look(); } else if (!ended) look(); }, 1000);
    look();
  });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.addEventListener("click", function () { window.print(); });
  });

  // What is wrong is brought to the reader's eye and to the screen reader's voice.
  var summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
