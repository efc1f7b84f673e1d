// Buttons marked data-print put the page on paper; hidden where there is no JavaScript.

export function prints() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
}
