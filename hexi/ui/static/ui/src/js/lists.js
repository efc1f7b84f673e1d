// Lists by keyboard: j and k move, Enter opens, x ticks, / searches, ? explains; and the count of ticked rows.

const rows = () => [...document.querySelectorAll("[data-list] [data-row]")];
const here = () => document.querySelector("[data-row].is-here");

function move(step) {
  const all = rows();
  const place = all.indexOf(here());
  const next = all[Math.min(Math.max(place + step, 0), all.length - 1)];
  here()?.classList.remove("is-here");
  next?.classList.add("is-here");
  next?.scrollIntoView({ block: "nearest" });
}

function tick() {
  const box = here()?.querySelector(".row-tick");
  if (!box) return;
  box.checked = !box.checked;
  count(box.form);
}

const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  Enter: () => here()?.querySelector("[data-open]")?.click(),
  x: tick,
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
};

// keys belong to whoever is typing or has something focused
function busy(event) {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open], [contenteditable]");
  const pressing = event.key === "Enter" && event.target.closest("a, button, summary, input");
  return typing || pressing || event.ctrlKey || event.metaKey || event.altKey;
}

export function keys() {
  document.addEventListener("keydown", (event) => {
    if (!document.querySelector("[data-list]") || busy(event) || !ACTS[event.key]) return;
    event.preventDefault();
    ACTS[event.key]();
  });
}

function count(form) {
  const ticked = form.querySelectorAll(".row-tick:checked").length;
  for (const place of form.querySelectorAll("[data-ticked]")) place.textContent = ticked;
}

export function ticks() {
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (event.target.matches("[data-tick-all]")) {
      for (const box of form.querySelectorAll(".row-tick")) box.checked = event.target.checked;
    }
    if (event.target.matches("[data-tick-all], .row-tick")) count(form);
  });
}
