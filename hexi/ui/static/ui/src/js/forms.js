// Forms: warn before what was entered is lost (data-guard), send once, show the error summary first, else the field that is filled in first (data-first).

let touched = false;

export function guards() {
  document.addEventListener("input", (event) => {
    if (event.target.closest("form[data-guard]")) touched = true;
  });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (event.target.dataset.sent) {
      event.preventDefault();
      return;
    }
    touched = false;
    if (event.target.method === "post") event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    delete event.target.closest?.("form")?.dataset.sent;
  });
  window.addEventListener("beforeunload", (event) => {
    if (touched) event.preventDefault();
  });
  const first = document.querySelector("#error-summary[data-focus]") ?? document.querySelector("[data-first] input");
  first?.focus();
}
