// A circle while it is drawn, and shapes as CAP writes them: latitude first, then longitude, a circle with its radius in
// kilometres. On the map and inside the scripts it is longitude first. Pure.

const DEGREE = 111.195; // kilometres of a degree of latitude, as hexi/blocks/alerts counts
const DIGITS = 5; // about a metre
const CORNERS = 72;
const round = (value) => Number(value.toFixed(DIGITS));
const rad = (degrees) => (degrees * Math.PI) / 180;
const pairOf = (text) => {
  const pair = text.split(",").map((part) => (part.trim() ? Number(part) : NaN));
  return pair.length === 2 && pair.every(Number.isFinite) ? [pair[1], pair[0]] : null;
};

// "39.8,97.0 39.8,97.1 …" as a shape of rings.js; [] for nothing, null for what is no polygon
export function readPolygon(text) {
  const places = text.trim().split(/\s+/).filter(Boolean).map(pairOf);
  if (places.some((one) => !one)) return null;
  const closed = places.length > 1 && String(places[0]) === String(places.at(-1));
  const ring = closed ? places.slice(0, -1) : places;
  return ring.length ? [[ring]] : [];
}

export function writePolygon(shape) {
  const [ring] = shape[0] ?? [[]];
  if (!ring || ring.length < 3) return "";
  return [...ring, ring[0]].map(([x, y]) => `${round(y)},${round(x)}`).join("\n");
}

// "39.8,97.0 5" as { centre: [longitude, latitude], km }; null for what is none
export function readCircle(text) {
  const [where = "", radius = "", ...rest] = text.trim().split(/\s+/);
  const [centre, km] = [pairOf(where), radius ? Number(radius) : NaN];
  return centre && km >= 0 && !rest.length ? { centre, km } : null;
}

export const writeCircle = (circle) => (circle ? `${round(circle.centre[1])},${round(circle.centre[0])} ${Number(circle.km.toFixed(3))}` : "");

// kilometres between two places, on the plane of the first one's latitude: right to a few per mille at some kilometres
export function far([x, y], [x2, y2]) {
  return Math.hypot((x2 - x) * Math.cos(rad(y)), y2 - y) * DEGREE;
}

// its edge as an open ring of corners
export function edge({ centre: [x, y], km }) {
  const up = km / DEGREE;
  const across = up / Math.max(Math.cos(rad(y)), 0.01);
  return Array.from({ length: CORNERS }, (_, n) => [x + across * Math.cos(rad((360 * n) / CORNERS)), y + up * Math.sin(rad((360 * n) / CORNERS))]);
}
