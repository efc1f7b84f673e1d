// The side panel: opens when htmx filled it, closes by button or Escape and gives the focus back.

let opener = null;
const box = () => document.getElementById("panel");

function close() {
  if (!box() || box().hidden) return;
  box().hidden = true;
  document.getElementById("panel-body").replaceChildren();
  opener?.focus();
}

export function panel() {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id !== "panel-body") return;
    // a middle click or a modifier means a tab of its own
    opener = event.detail.elt;
    document.getElementById("panel-open").href = opener.href;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "panel-body") return;
    box().hidden = false;
    event.detail.target.focus();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close=panel]")) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) close();
  });
}
