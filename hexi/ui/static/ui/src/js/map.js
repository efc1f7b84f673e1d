// The map (hexi/ui/maps.py): layers over the ground. A cartogram's squares stand on a plane of their own; on the ground
// everything stands where its coordinates say.
import { get, halo, NOTHING, open, paper, PITCH, still, teller, text, token, tools, underneath } from "./ground.js";
import { bounds, corners, frame, heights, labels, squares } from "./tiles.js";

// ---- sources and layers ------------------------------------------------------------------------------------------
function base(data) {
  const { style, add } = paper();
  if (data.tiles.length) {
    add("tiles", NOTHING, {
      id: "tiles", type: "fill-extrusion",
      paint: { "fill-extrusion-color": ["interpolate", ["linear"], ["get", "share"], 0, token("track"), 1, token("azurite")], "fill-extrusion-height": ["get", "height"], "fill-extrusion-opacity": 0.92 },
    });
    add("names", NOTHING, { id: "names", type: "symbol", layout: { ...text(["get", "label"], sized(document.documentElement.lang === "en"), document.documentElement.lang !== "en"), "symbol-sort-key": ["-", ["get", "n"]] }, paint: halo() });
    return style;
  }
  underneath(data, add);
  for (const layer of [...data.layers].sort((a, b) => (a.kind === "point") - (b.kind === "point"))) {
    const colour = token(layer.colour);
    if (layer.kind === "polygon") add(layer.key, NOTHING, ...raised(layer, colour), edge(layer, colour), ...(layer.standing ? [named(layer)] : []));
    else add(layer.key, NOTHING, dot(layer, colour));
  }
  return style;
}

// names as large as their squares are; English ones are longer, and those that do not fit wait until one is nearer
const sized = (long) => ["interpolate", ["linear"], ["zoom"], ...[[6.6, 8], [7.3, 12], [8, 15], [9, 20]].flatMap(([zoom, px]) => [zoom, long ? px * 0.8 : px])];

// cells stand as high as they are busy; areas of alerts lie flat
const raised = (layer, colour) => [
  { id: layer.key, type: "fill-extrusion", filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-extrusion-color": ["match", ["get", "state"], ["near", "overdue"], token("ochre"), colour], "fill-extrusion-height": layer.colour === "malachite" ? ["*", 12, ["-", ["get", "weight"], 0.75]] : 1, "fill-extrusion-opacity": 0.5 } },
];
const edge = (layer, colour) => ({ id: `${layer.key}-edge`, type: "line", paint: { "line-color": colour, "line-width": 1.5 } });
const named = (layer) => ({ id: `${layer.key}-name`, type: "symbol", minzoom: 14.5, layout: text(["get", "title"], 12), paint: halo() });
const dot = (layer, colour) => ({
  id: layer.key, type: "circle",
  paint: { "circle-color": colour, "circle-radius": ["interpolate", ["linear"], ["get", "weight"], 1, 7, 20, 18], "circle-stroke-width": 2, "circle-stroke-color": ["match", ["get", "state"], "overdue", token("cinnabar"), token("paper")] },
});

// ---- what is seen ------------------------------------------------------------------------------------------------
function box(data, lines) {
  // wide areas (of an alert) do not set the frame unless there is nothing else
  const of = (some) => data.layers.filter(some).flatMap((layer) => layer.features.features);
  const near = of((layer) => layer.kind === "point" || layer.standing);
  const every = near.length ? near : [...of(() => true), ...(lines?.features ?? [])];
  return frame(every.flatMap(({ geometry }) => (geometry.type === "Point" ? [geometry.coordinates] : corners(geometry))));
}

const chosen = (key) => document.querySelector(`[data-map-layer="${key}"]`)?.checked ?? true;

export async function draw(figure) {
  const say = teller(figure);
  let data = await get(figure.dataset.map);
  const lines = data.boundaries ? await get(data.boundaries) : null;
  const map = open(figure, base(data), { pitch: data.tiles.length ? 38 : PITCH });
  if (!map) return;

  const whole = () => (data.tiles.length ? bounds(data.tiles) : box(data, lines));
  const all = (animate = true) => {
    const seen = whole();
    if (seen) map.fitBounds(seen, { padding: 36, maxZoom: 16.5, pitch: map.getPitch(), animate: animate && !still.matches });
  };

  function fill() {
    const shown = data.layers.filter((layer) => chosen(layer.key));
    if (data.tiles.length) {
      const counted = heights(data.tiles, shown);
      map.getSource("tiles")?.setData(squares(counted));
      map.getSource("names")?.setData(labels(counted));
      return;
    }
    for (const layer of data.layers) {
      map.getSource(layer.key)?.setData(layer.features);
      for (const id of [layer.key, `${layer.key}-edge`, `${layer.key}-name`]) if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", chosen(layer.key) ? "visible" : "none");
    }
  }

  map.on("load", () => {
    all(false);
    fill();
    map.once("idle", () => (figure.dataset.mapDrawn = String(Date.now())));
  });

  // under the pointer: said in words; a click opens it
  const touched = (point) => {
    const ids = data.tiles.length ? ["tiles"] : data.layers.flatMap((layer) => (map.getLayer(layer.key) ? [layer.key] : []));
    const found = map.queryRenderedFeatures(point, { layers: ids });
    return found.find((one) => one.geometry.type === "Point") ?? found[0];
  };
  map.on("mousemove", (event) => {
    const one = touched(event.point);
    map.getCanvasContainer().classList.toggle("map-over", Boolean(one?.properties.link));
    say(one ? [one.properties.title, one.properties.word].filter(Boolean).join(" · ") : "");
  });
  map.on("mouseout", () => say(""));
  map.on("click", (event) => {
    const one = touched(event.point);
    if (one?.properties.link) location.assign(one.properties.link);
  });

  tools(figure, map, all);
  document.addEventListener("change", (event) => event.target.matches?.("[data-map-layer]") && fill());
  let asked = 0;
  figure.addEventListener("anew", async (event) => {
    if (event.detail?.address) figure.dataset.map = event.detail.address;
    const turn = ++asked;
    const found = await get(figure.dataset.map);
    if (turn !== asked) return; // an answer that a later question has overtaken
    data = found;
    fill();
    for (const layer of data.layers) for (const total of document.querySelectorAll(`[data-map-total="${layer.key}"]`)) total.textContent = layer.total;
    figure.dispatchEvent(new CustomEvent("drawn", { detail: data, bubbles: true }));
  });
}
