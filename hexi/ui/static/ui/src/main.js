// Enhances pages that work without it: htmx swaps, Alpine components, keys of lists, dialogs, guards of forms.
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";
import { boxes } from "./js/boxes.js";
import { counter, toggle } from "./js/components.js";
import { devices } from "./js/devices.js";
import { openings } from "./js/dialogs.js";
import { guards } from "./js/forms.js";
import { keys, ticks } from "./js/lists.js";
import { live } from "./js/live.js";
import { prints } from "./js/paper.js";
import { panel } from "./js/panel.js";
import { questions } from "./js/questions.js";
import { viewer } from "./js/viewer.js";

window.htmx = htmx;

// the token Django wants with every change; read from its cookie so that pages without forms stay cacheable
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token[1];
});

// an answer of 422 is the form with its errors: show it
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

openings();
guards();
keys();
ticks();
panel();
prints();
questions();
devices();
live();
boxes();

// maps are heavy: fetched by the pages that have one
for (const figure of document.querySelectorAll("[data-map]")) {
  const draw = () => import("./js/map.js").then((map) => map.draw(figure));
  const fold = figure.closest("details:not([open])");
  if (fold) fold.addEventListener("toggle", draw, { once: true });
  else draw();
}
for (const figure of document.querySelectorAll("[data-pin]")) import("./js/pin.js").then(({ pin }) => pin(figure));
for (const figure of document.querySelectorAll("[data-draw]")) import("./js/draw.js").then(({ drawing }) => drawing(figure));
if (document.querySelector("[data-wall-state]")) import("./js/wall.js").then(({ wall }) => wall());

Alpine.data("toggle", toggle);
Alpine.data("counter", counter);
Alpine.data("viewer", viewer);
Alpine.start();
