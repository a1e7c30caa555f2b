// The balance after each installment, from the table beside it: the chart adds nothing that the table does not say.
(function () {
  "use strict";
  var canvas = document.getElementById("balance-chart");
  if (!canvas || !window.Chart) return;
  var data = JSON.parse(document.getElementById("balance-data").textContent);
  var now = { label: data.paid_label, data: data.paid, borderColor: "#14675a", backgroundColor: "rgba(20,103,90,.14)", fill: true, stepped: "before", pointRadius: 0, borderWidth: 2.5 };
  var plan = { label: data.planned_label, data: data.planned, borderColor: "#9a937e", borderDash: [5, 4], stepped: "before", pointRadius: 0, borderWidth: 2 };
  if (!data.paid) { plan.borderColor = now.borderColor; plan.borderDash = []; plan.fill = true; plan.backgroundColor = now.backgroundColor; }
  new window.Chart(canvas, {
    type: "line",
    data: { labels: data.labels, datasets: data.paid ? [now, plan] : [plan] },
    options: {
      animation: false, maintainAspectRatio: false, interaction: { mode: "index", intersect: false },
      plugins: { legend: { position: "bottom", labels: { boxWidth: 18, color: "#4f625c" } } },
      scales: { x: { grid: { display: false }, ticks: { color: "#4f625c", maxTicksLimit: 7 } },
        y: { beginAtZero: true, border: { display: false }, grid: { color: "#e8e3d5" }, ticks: { color: "#4f625c", maxTicksLimit: 5 } } }
    }
  });
})();
