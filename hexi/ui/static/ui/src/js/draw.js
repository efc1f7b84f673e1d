// A shape drawn on the ground (ui/maps.html `draw`), by mouse or finger: a click puts the next corner, a corner is dragged,
// halfway between two a new one is pulled out, the chosen one is taken away, every step can be taken back. It writes the
// text field, as GeoJSON or as CAP writes it, and follows what is typed there. With a field for a circle, two clicks make
// one: its middle, its edge. What is wrong with a shape in the end is said by the server.
import * as circles from "./circles.js";
import { get, NOTHING, open, outlines, paper, still, teller, token, tools, underneath } from "./ground.js";
import * as rings from "./rings.js";
import { corners as all, frame } from "./tiles.js";

const HIT = { mouse: 9, touch: 22 }; // pixels round a corner that take hold of it
const SNAP = 10; // pixels within which the corner or edge of a neighbour is taken
const KEPT = 200; // steps that can be taken back

export async function drawing(figure) {
  const words = figure.dataset;
  const { elements } = figure.closest("form");
  const field = elements[words.drawField];
  const circleField = elements[words.drawCircle]; // undefined: only polygons are drawn
  const [read, asText] = words.drawWritten === "cap" ? [circles.readPolygon, circles.writePolygon] : [rings.read, rings.write];
  let data = await get(words.draw);
  const { style, add } = paper();
  underneath(data, add);
  outlines(add);
  const is = (name, yes, no) => ["case", ["boolean", ["get", name], false], yes, no];
  const wrong = is("wrong", token("cinnabar"), token("azurite"));
  add("shape", NOTHING, { id: "shape", type: "fill", paint: { "fill-color": wrong, "fill-opacity": 0.22 } });
  add("border", NOTHING, { id: "border", type: "line", paint: { "line-color": wrong, "line-width": 2.5 } });
  add("middles", NOTHING, { id: "middles", type: "circle", paint: { "circle-radius": 4, "circle-color": token("card"), "circle-stroke-color": token("azurite"), "circle-stroke-width": 1.5 } });
  add("corners", NOTHING, { id: "corners", type: "circle", paint: { "circle-radius": is("chosen", 9, 7), "circle-color": is("chosen", token("ochre"), token("azurite")), "circle-stroke-color": token("card"), "circle-stroke-width": 2 } });
  figure.hidden = false;
  const map = open(figure, style, { dragRotate: false, pitchWithRotate: false, doubleClickZoom: false });
  if (!map) return;
  const tell = teller(figure);
  const others = () => data.outlines.features.map((one) => rings.read(JSON.stringify(one.geometry)));
  let neighbours = others();
  const button = Object.fromEntries(["done", "remove", "undo", "clear", "circle-button"].map((name) => [name, figure.querySelector(`[data-draw-${name}]`)]));

  let shape = read(field.value) ?? [];
  let circle = circleField ? circles.readCircle(circleField.value) : null;
  let rounding = false; // the next click puts the middle of a circle, or its edge
  let middle = null; // of a circle whose edge is not there yet
  let writing = !shape.length && !circle; // the next click puts the next corner
  let chosen = null;
  const past = [];

  // ---- seen ------------------------------------------------------------------------------------------------------
  const point = ({ path, place }, more = {}) => ({ type: "Feature", properties: { path: JSON.stringify(path), ...more }, geometry: { type: "Point", coordinates: place } });
  const collection = (features) => ({ type: "FeatureCollection", features });

  function show() {
    const crossed = rings.crossing(shape);
    const facts = { wrong: Boolean(crossed) };
    const drawn = circle ? [[circles.edge(circle)]] : shape;
    const lines = drawn.flat().filter((ring) => ring.length > 1);
    map.getSource("shape").setData(collection(rings.write(drawn) ? [{ type: "Feature", properties: facts, geometry: rings.geometry(drawn) }] : []));
    map.getSource("border").setData(collection(lines.map((ring) => ({ type: "Feature", properties: facts, geometry: { type: "LineString", coordinates: writing && !circle ? ring : [...ring, ring[0]] } }))));
    map.getSource("middles").setData(collection(writing ? [] : [...rings.middles(shape)].map((one) => point(one))));
    const places = [...rings.corners(shape)];
    const put = middle ?? circle?.centre;
    const marks = places.map((one) => point(one, { chosen: String(one.path) === String(chosen) }));
    map.getSource("corners").setData(collection(put ? [...marks, point({ path: [], place: put })] : marks));
    button["circle-button"]?.setAttribute("aria-pressed", String(rounding));
    button.done.hidden = !writing || rounding;
    button.done.disabled = places.length < 3;
    button.remove.disabled = !chosen;
    button.undo.disabled = !past.length;
    button.clear.disabled = !places.length && !put;
    const size = (rings.area(shape.filter(([outer]) => outer.length > 2)) / 1e4).toFixed(2);
    if (rounding) return tell(middle ? words.drawEdge : words.drawMiddle);
    if (circle) return tell(words.drawRound.replace("{km}", circle.km.toFixed(2)));
    tell(crossed ? words.drawCrossed.replace("{x}", crossed[0].toFixed(5)).replace("{y}", crossed[1].toFixed(5))
      : !places.length ? words.drawBegin : words.drawSize.replace("{n}", places.length).replace("{size}", size));
  }

  function write() {
    field.value = asText(shape);
    if (circleField) circleField.value = circles.writeCircle(circle);
    for (const one of [field, circleField]) one?.dispatchEvent(new Event("input", { bubbles: true }));
    show();
  }
  const keep = () => {
    past.push(JSON.stringify({ shape, writing, circle, rounding, middle }));
    if (past.length > KEPT) past.shift();
  };
  function change(next, now = writing) {
    keep();
    [shape, writing, circle] = [next, now, null];
    write();
  }
  // one or the other: what is drawn of the one takes the place of the other
  function placeRound(place) {
    keep();
    if (middle) [circle, middle, rounding] = [{ centre: middle, km: circles.far(middle, place) }, null, false];
    else [middle, circle, shape, chosen, writing] = [place, null, [], null, false];
    write();
  }

  // ---- done ------------------------------------------------------------------------------------------------------
  const pixels = (place) => {
    const { x, y } = map.project(place);
    return [x, y];
  };
  const near = ({ lng, lat }) => rings.rounded(rings.snapped([lng, lat], neighbours, pixels, SNAP));

  // the corner, or the place halfway between two, that a press takes hold of
  function held(event) {
    const reach = HIT[event.type.startsWith("touch") || event.originalEvent.pointerType === "touch" ? "touch" : "mouse"];
    const { x, y } = event.point;
    const found = map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers: ["corners", "middles"] });
    const far = (one) => Math.hypot(...pixels(one.geometry.coordinates).map((value, axis) => value - [x, y][axis])) + (one.layer.id === "middles" ? 4 : 0);
    const one = found.sort((a, b) => far(a) - far(b))[0];
    return one && { path: JSON.parse(one.properties.path), between: one.layer.id === "middles" };
  }

  let dragged = null;
  let clicked = true; // false right after something was dragged
  function take(event) {
    clicked = true;
    if (event.points?.length > 1) return;
    dragged = rounding ? null : held(event);
    if (dragged) event.preventDefault(); // the ground stays
  }
  function pull(event) {
    if (!dragged) return;
    if (clicked) {
      keep();
      clicked = false;
      if (dragged.between) shape = rings.insert(shape, dragged.path, near(event.lngLat));
      chosen = circle ? null : dragged.path;
    }
    if (circle) circle = { ...circle, centre: near(event.lngLat) };
    else shape = rings.move(shape, dragged.path, near(event.lngLat));
    show();
  }
  function leave() {
    if (dragged && !clicked) write();
    dragged = null;
  }
  for (const name of ["mousedown", "touchstart"]) map.on(name, take);
  for (const name of ["mousemove", "touchmove"]) map.on(name, pull);
  for (const name of ["mouseup", "touchend", "touchcancel"]) map.on(name, leave);

  map.on("click", (event) => {
    if (!clicked) return;
    if (rounding) return placeRound(rings.rounded([event.lngLat.lng, event.lngLat.lat]));
    if (circle) return; // moved by its middle; another one by its button
    const one = held(event);
    if (writing) {
      const ring = shape[0]?.[0] ?? [];
      if (one && !one.between) return one.path[2] === 0 ? finish() : undefined;
      change([[[...ring, near(event.lngLat)]]]);
    } else if (one?.between) {
      chosen = one.path;
      change(rings.insert(shape, one.path, near(event.lngLat)));
    } else {
      chosen = one && String(one.path) !== String(chosen) ? one.path : null;
      show();
    }
  });

  function finish() {
    if ((shape[0]?.[0].length ?? 0) > 2) change(shape, false);
  }
  function erase() {
    if (!chosen) return;
    const path = chosen;
    chosen = null;
    const next = rings.remove(shape, path);
    change(next, !next.length);
  }
  function undo() {
    if (!past.length) return;
    ({ shape, writing, circle, rounding, middle } = JSON.parse(past.pop()));
    chosen = null;
    write();
  }
  button.done.addEventListener("click", finish);
  button.remove.addEventListener("click", erase);
  button.undo.addEventListener("click", undo);
  button.clear.addEventListener("click", () => {
    chosen = null;
    change([], true);
    [rounding, middle] = [false, null];
    show();
  });
  button["circle-button"]?.addEventListener("click", () => {
    keep();
    [rounding, middle] = [!rounding, null];
    if (!rounding) writing = !shape.length && !circle;
    show();
  });
  figure.addEventListener("keydown", (event) => {
    if (event.key === "Delete" || event.key === "Backspace") erase();
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) undo();
    else return;
    event.preventDefault();
  });
  field.addEventListener("change", () => {
    const typed = field.value.trim() ? read(field.value) : [];
    if (!typed) return tell(words.drawNone);
    keep();
    [shape, writing, chosen] = [typed, !typed.length && !circle, null];
    show();
    whole();
  });
  circleField?.addEventListener("change", () => {
    const typed = circles.readCircle(circleField.value);
    if (!typed && circleField.value.trim()) return tell(words.drawNone);
    keep();
    [circle, rounding, middle, writing] = [typed, false, null, !shape.length && !typed];
    show();
    whole();
  });

  function whole(animate = true) {
    const own = circle ? circles.edge(circle) : [...rings.corners(shape)].map((one) => one.place);
    const seen = frame(own.length ? own : data.outlines.features.flatMap((one) => all(one.geometry))) ?? (data.box && [data.box.slice(0, 2), data.box.slice(2)]);
    if (seen) map.fitBounds(seen, { padding: 48, maxZoom: 17, animate: animate && !still.matches });
  }
  tools(figure, map, whole, false);

  // the neighbours of what is looked at: of thousands of cells only those
  let asked = 0;
  map.on("moveend", async () => {
    const turn = ++asked;
    const box = map.getBounds().toArray().flat().map((value) => value.toFixed(5)).join(",");
    const found = await get(`${words.draw}${words.draw.includes("?") ? "&" : "?"}box=${box}`);
    if (turn !== asked) return;
    data = { ...data, outlines: found.outlines };
    neighbours = others();
    map.getSource("outlines")?.setData(data.outlines);
  });
  map.on("load", () => {
    map.getSource("outlines").setData(data.outlines);
    whole(false);
    show();
    map.once("idle", () => (figure.dataset.mapDrawn = String(Date.now())));
  });
}
