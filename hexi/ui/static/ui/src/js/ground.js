// A map over nothing from outside: no tiles, no fonts; labels are drawn by the browser. Boundaries and buildings lie under
// what its users draw: layers (map.js), a pin (pin.js), the corners of a shape (draw.js).
import { Map as Ground, setWorkerUrl } from "maplibre-gl";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";

setWorkerUrl(new URL(worker, import.meta.url).href);

export const still = matchMedia("(prefers-reduced-motion: reduce)");
export const NOTHING = { type: "FeatureCollection", features: [] };
export const PITCH = 50;

export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
export const get = async (address) => (await fetch(address, { headers: { Accept: "application/json" } })).json();

// a style that begins with paper; `add` puts a source of GeoJSON with its layers on top
export function paper() {
  const style = { version: 8, sources: {}, layers: [{ id: "paper", type: "background", paint: { "background-color": token("paper") } }] };
  const add = (id, source, ...layers) => {
    style.sources[id] = { type: "geojson", data: source };
    for (const layer of layers) style.layers.push({ ...layer, source: id });
  };
  return { style, add };
}

export function underneath({ boundaries, buildings }, add) {
  if (boundaries) {
    add("boundaries", boundaries,
      { id: "boundaries", type: "fill", paint: { "fill-color": token("azurite"), "fill-opacity": 0.08 } },
      { id: "borders", type: "line", paint: { "line-color": token("ink-soft"), "line-width": 1 } });
  }
  if (buildings) {
    add("buildings", buildings, { id: "buildings", type: "fill-extrusion", paint: { "fill-extrusion-color": token("line"), "fill-extrusion-height": ["get", "height"], "fill-extrusion-opacity": 0.9 } });
  }
}

export const text = (field, size, overlap = false) => ({
  "text-field": field, "text-size": size, "text-allow-overlap": overlap, "text-ignore-placement": overlap, "text-line-height": 1.15, "text-padding": 4,
});
export const halo = () => ({ "text-color": token("ink"), "text-halo-color": token("paper"), "text-halo-width": 1.4 });

// outlines with their names, for finding one's way
export function outlines(add) {
  add("outlines", NOTHING,
    { id: "outlines", type: "fill", paint: { "fill-color": token("malachite"), "fill-opacity": 0.08 } },
    { id: "outlines-edge", type: "line", paint: { "line-color": token("malachite"), "line-width": 1.5 } },
    { id: "outlines-name", type: "symbol", layout: text(["get", "title"], 13), paint: halo() });
}

// what is said of a map: its line of words
export function teller(figure) {
  const said = figure.querySelector(".map-said");
  return (words) => {
    said.textContent = words;
    said.hidden = !words;
  };
}

// null on a device that cannot draw one: the page holds everything without it
export function open(figure, style, options = {}) {
  const place = figure.querySelector(".map-ground");
  place.hidden = false;
  try {
    const map = new Ground({
      container: place, style, attributionControl: false, maxPitch: 70, fadeDuration: 0, center: [0, 0], zoom: 6, renderWorldCopies: false,
      locale: { "Map.Title": figure.dataset.mapLabel }, ...options,
    });
    new ResizeObserver(() => map.resize()).observe(place);
    return map;
  } catch {
    place.hidden = true;
    teller(figure)(figure.dataset.mapNone);
    return null;
  }
}

// buttons large enough for a touch wall; the canvas itself takes arrows, + and -
export function tools(figure, map, all, tilts = true) {
  const motion = () => ({ animate: !still.matches });
  const tilt = () => map.easeTo({ pitch: map.getPitch() > 5 ? 0 : PITCH, bearing: 0, ...motion() });
  const bar = document.createElement("div");
  bar.className = "map-tools";
  for (const [sign, words, press] of [
    ["+", figure.dataset.mapIn, () => map.zoomIn(motion())],
    ["−", figure.dataset.mapOut, () => map.zoomOut(motion())],
    ["⤢", figure.dataset.mapAll, () => all()],
    ...(tilts ? [["◪", figure.dataset.mapTilt, tilt]] : []),
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", words);
    button.title = words;
    button.addEventListener("click", press);
    bar.append(button);
  }
  figure.querySelector(".map-ground").append(bar);
}
