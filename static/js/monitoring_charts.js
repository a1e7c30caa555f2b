// The charts of a monitoring page, each from the figures of the table beneath it: they add nothing that it does not say.
(function () {
  "use strict";
  var told = document.getElementById("watch-charts");
  if (!told || !window.Chart) return;
  var charts = JSON.parse(told.textContent), drawn = [];
  var COLOURS = { main: "#14675a", quiet: "#9a937e", limit: "#b4432f", approve: "#2b8675", refer: "#c9a227", decline: "#b4432f" };

  function isDark() { return document.documentElement.classList.contains("dark"); }
  // Many lines beside each other: six colours that stay apart for colour-blind readers (Okabe and Ito 2008), then the
  // same six with dashes; the points have another shape as well.
  var APART = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"], POINTS = ["circle", "rectRot", "triangle", "rect"];
  function place(style) { return style.indexOf("line") === 0 ? Number(style.slice(4)) : -1; }
  function colour(style) { return place(style) < 0 ? COLOURS[style] || COLOURS.main : APART[place(style) % APART.length]; }
  function dashes(style) {
    if (place(style) < 0) return style === "limit" || style === "quiet" ? [5, 4] : [];
    return place(style) < APART.length ? [] : [7, 4];
  }
  function dataset(chart, series) {
    var main = colour(series.style), line = chart.kind === "line";
    return {
      label: series.label, data: series.values, spanGaps: true, borderColor: main, backgroundColor: main,
      borderDash: line ? dashes(series.style) : [], pointStyle: POINTS[Math.max(place(series.style), 0) % POINTS.length],
      borderWidth: line ? 2 : 0, pointRadius: line && series.values.length > 24 ? 0 : place(series.style) < 0 ? 2 : 4, tension: 0, maxBarThickness: 42
    };
  }
  function legend(chart) { // Chart.js leaves the dashes out of the legend where it draws points
    var made = window.Chart.defaults.plugins.legend.labels.generateLabels(chart);
    made.forEach(function (item) { item.lineDash = chart.data.datasets[item.datasetIndex].borderDash || []; });
    return made;
  }
  function number(value, percent) {
    if (value === null || value === undefined) return "—";
    return percent ? (value * 100).toFixed(1) + "%" : Number(value).toFixed(3);
  }
  function lines(label) { // a long name in lines, so that none of a few bars stands without one
    return label.split(" ").reduce(function (made, word) {
      var last = made.length - 1;
      if (last >= 0 && (made[last] + word).length < 14) made[last] += " " + word; else made.push(word);
      return made;
    }, []);
  }
  function draw(canvas) {
    var chart = charts[canvas.dataset.chart];
    if (!chart) return;
    var ink = isDark() ? "#b8c4be" : "#4f625c", line = isDark() ? "#2c4a44" : "#e8e3d5", stacked = chart.kind === "stacked", few = chart.kind !== "line" && chart.labels.length < 6;
    canvas.parentNode.hidden = false;
    drawn.push(new window.Chart(canvas, {
      type: chart.kind === "line" ? "line" : "bar",
      data: { labels: chart.labels, datasets: chart.series.map(function (series) { return dataset(chart, series); }) },
      options: {
        animation: false, maintainAspectRatio: false, interaction: { mode: "index", intersect: false },
        plugins: {
          legend: { display: chart.series.length > 1, position: "bottom", labels: { generateLabels: legend, boxWidth: 14, color: ink, font: { size: 11 }, usePointStyle: chart.kind === "line", pointStyle: "line", pointStyleWidth: 26 } },
          tooltip: { callbacks: { label: function (item) { return item.dataset.label + ": " + number(item.raw, chart.percent); } } }
        },
        scales: {
          x: { stacked: stacked, grid: { display: false }, title: { display: !!chart.axis, text: chart.axis, color: ink }, ticks: { color: ink, autoSkip: !few, maxTicksLimit: 12, autoSkipPadding: 12, maxRotation: 0, callback: function (value) { var label = this.getLabelForValue(value); return few ? lines(label) : label; } } },
          y: { stacked: stacked, beginAtZero: true, max: stacked ? 1 : undefined, border: { display: false }, grid: { color: line },
            ticks: { color: ink, maxTicksLimit: 6, callback: function (value) { return chart.percent ? Math.round(value * 1000) / 10 + "%" : value; } } }
        }
      }
    }));
  }
  document.querySelectorAll("canvas[data-chart]").forEach(draw);

  // On paper every table is open; the charts take the width of the sheet.
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.prototype.filter.call(document.querySelectorAll(".watch-figures"), function (one) { return !one.open; });
    closed.forEach(function (one) { one.open = true; });
    drawn.forEach(function (chart) { chart.resize(); });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (one) { one.open = false; });
    drawn.forEach(function (chart) { chart.resize(); });
  });
})();
