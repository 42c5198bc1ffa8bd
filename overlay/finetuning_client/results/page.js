// Show the values of a chart's curves at the step under the pointer.
(() => {
const curves = JSON.parse(document.getElementById("curves").textContent);
const make = (name, role, owner) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  made.setAttribute("class", role);
  return owner.appendChild(made);
};
const put = (shape, places) => { for (const name in places) shape.setAttribute(name, places[name]); };
const tip = document.body.appendChild(document.createElement("div"));
tip.className = "tip";
tip.hidden = true;
const nearest = (points, step) => {
  let low = 0, high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < step) low = middle; else high = middle;
  }
  return step - points[low][0] < points[high][0] - step ? points[low] : points[high];
};
const write = (step, found) => {
  const title = document.createElement("b");
  title.textContent = "step " + step.toLocaleString("en");
  tip.replaceChildren(title, ...found.map(([label, value]) => {
    const line = document.createElement("span");
    line.append(label, " ", document.createElement("i"));
    line.lastChild.textContent = value.toPrecision(4).replace(/\.?0+$/, "");
    line.lastChild.style.fontStyle = "normal";
    return line;
  }));
};
for (const svg of document.querySelectorAll("svg[data-chart]")) {
  const {x, y, series} = curves[svg.dataset.chart];
  const across = step => x[2] + (step - x[0]) / (x[1] - x[0]) * (x[3] - x[2]);
  const up = value => y[2] + (value - y[0]) / (y[1] - y[0]) * (y[3] - y[2]);
  let marks = null;
  const hide = () => { tip.hidden = true; if (marks) marks.remove(); marks = null; };
  const show = event => {
    const box = svg.getBoundingClientRect();
    const shown = svg.viewBox.baseVal.width / box.width;
    const at = x[0] + ((event.clientX - box.left) * shown - x[2]) / (x[3] - x[2]) * (x[1] - x[0]);
    const close = series.map(one => nearest(one.points, at)[0]);
    const step = close.reduce((best, one) => Math.abs(one - at) < Math.abs(best - at) ? one : best);
    hide();
    marks = make("g", "marks", svg);
    put(make("line", "guide", marks), {x1: across(step), x2: across(step), y1: y[3], y2: y[2]});
    const found = [];
    for (const one of series) {
      const [at_step, value] = nearest(one.points, step);
      if (at_step !== step) continue;
      put(make("circle", "spot " + one.role, marks), {cx: across(step), cy: up(value), r: 4.5});
      found.push([one.label, value]);
    }
    write(step, found);
    tip.hidden = false;
    const left = event.clientX + 16 + tip.offsetWidth > innerWidth ? event.clientX - 16 - tip.offsetWidth
      : event.clientX + 16;
    tip.style.left = Math.max(4, left) + "px";
    tip.style.top = Math.max(4, event.clientY - tip.offsetHeight - 12) + "px";
  };
  svg.addEventListener("pointermove", show);
  svg.addEventListener("pointerdown", show);
  svg.addEventListener("pointerleave", hide);
}
})();
