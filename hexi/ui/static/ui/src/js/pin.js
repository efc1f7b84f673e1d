// A pin on the ground (ui/maps.html `pin`): put down by a click, dragged, moved by the arrow keys. It writes the two
// number fields of its form, and follows them when something else does: the place of the phone, or of a picture.
import { Marker } from "maplibre-gl";
import { get, open, outlines, paper, still, teller, tools, underneath } from "./ground.js";
import { corners, frame, inside } from "./tiles.js";

const DIGITS = 6;
const STEP = 8; // pixels an arrow key moves it; with Shift eight times as far
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export async function pin(figure) {
  const { pin: address, pinLon, pinLat, pinPlace, pinAt, pinOut, pinLabel } = figure.dataset;
  const form = figure.closest("form");
  const [lon, lat] = [form.elements[pinLon], form.elements[pinLat]];
  const say = teller(figure);
  const chosen = () => {
    const fields = [...form.querySelectorAll(`[name="${pinPlace}"]`)];
    return fields.map((field) => field.value).filter(Boolean).pop() ?? "";
  };
  const ask = () => get(`${address}?${new URLSearchParams({ place: chosen() })}`);
  let data = await ask();
  const { style, add } = paper();
  underneath(data, add);
  outlines(add);
  figure.hidden = false;
  const map = open(figure, style, { dragRotate: false, pitchWithRotate: false });
  if (!map) return;

  const element = document.createElement("button");
  element.type = "button";
  element.className = "map-pin";
  element.setAttribute("aria-label", pinLabel);
  const marker = new Marker({ element, anchor: "bottom", draggable: true });
  const at = () => {
    const place = [lon, lat].map((field) => (field.value.trim() ? Number(field.value) : NaN));
    return place.every(Number.isFinite) && Math.abs(place[0]) <= 180 && Math.abs(place[1]) <= 85 ? place : null;
  };
  const allowed = ([x, y]) => !data.box || (x >= data.box[0] && y >= data.box[1] && x <= data.box[2] && y <= data.box[3]);

  function tell(place) {
    const piece = data.outlines.features.find((one) => inside(one.geometry, place));
    const [east, north] = place.map((value) => value.toFixed(5));
    say([pinAt.replace("{lon}", east).replace("{lat}", north), piece?.properties.title].filter(Boolean).join(" · "));
  }

  function show() {
    const place = at();
    if (!place) return marker.remove();
    marker.setLngLat(place);
    if (!element.isConnected) marker.addTo(map); // added again it would lose the focus
    element.setAttribute("aria-label", pinLabel); // the map has put a word of its own there
    tell(place);
  }

  // false, and where it was, if the place may not be chosen
  function put({ lng, lat: north }) {
    const place = [lng, north].map((value) => Number(value.toFixed(DIGITS)));
    if (!allowed(place)) {
      show();
      say(pinOut);
      return false;
    }
    [lon.value, lat.value] = place;
    lon.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }

  function all(animate = true) {
    const place = at();
    const around = frame([...data.outlines.features.flatMap((one) => corners(one.geometry)), ...(place ? [place] : [])]);
    const seen = around ?? (data.box && [data.box.slice(0, 2), data.box.slice(2)]);
    if (seen) map.fitBounds(seen, { padding: 32, maxZoom: 16, animate: animate && !still.matches });
  }
  const near = (place) => map.easeTo({ center: place, zoom: Math.max(map.getZoom(), 15), animate: !still.matches });

  map.on("load", () => {
    map.getSource("outlines").setData(data.outlines);
    all(false);
    show();
    map.once("idle", () => (figure.dataset.mapDrawn = String(Date.now())));
  });
  map.on("click", (event) => put(event.lngLat));
  marker.on("dragend", () => put(marker.getLngLat()));
  element.addEventListener("click", (event) => event.stopPropagation());
  element.addEventListener("keydown", (event) => {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation(); // or the map moves as well
    const from = map.project(marker.getLngLat());
    const far = STEP * (event.shiftKey ? 8 : 1);
    const to = map.unproject([from.x + way[0] * far, from.y + way[1] * far]);
    if (put(to) && !map.getBounds().contains(to)) map.panTo(to, { animate: !still.matches });
  });
  figure.querySelector("[data-pin-put]").addEventListener("click", () => {
    if (put(map.getCenter())) element.focus();
  });
  for (const field of [lon, lat]) {
    field.addEventListener("input", () => {
      show();
      const place = at();
      if (place && !map.getBounds().contains(place)) near(place);
    });
  }
  form.addEventListener("change", async (event) => {
    if (event.target.name !== pinPlace) return;
    data = await ask();
    map.getSource("outlines")?.setData(data.outlines);
    if (!at()) all();
  });
  tools(figure, map, all, false);
}
