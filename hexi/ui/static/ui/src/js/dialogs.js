// Buttons with data-dialog open a native dialog; data-confirm asks first; drop-downs close when one goes elsewhere.

const open = (id) => document.getElementById(id)?.showModal();

function confirmed(event, button) {
  if (!window.confirm(button.dataset.confirm)) event.preventDefault();
}

export function openings() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dialog]");
    if (button) open(button.dataset.dialog);
    const asks = event.target.closest("[data-confirm]");
    if (asks) confirmed(event, asks);
    if (event.target.matches("dialog")) event.target.close();
    closeDrops(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeDrops(null);
  });
}

function closeDrops(target) {
  for (const drop of document.querySelectorAll("details.drop[open]")) {
    if (!drop.contains(target)) drop.open = false;
  }
}
