// The corners of a shape while it is drawn: polygons of open rings of [longitude, latitude]. Pure; nothing is changed in
// place, so that every state can be kept for "undo". A corner's path is [polygon, ring, place].

const DIGITS = 7; // as hexi/domains/livelihood/grid/shapes.py keeps them
export const rounded = (place) => place.map((value) => Number(value.toFixed(DIGITS)));

const open = (ring) => {
  const corners = ring.map((place) => place.slice(0, 2));
  const [first, last] = [corners[0], corners.at(-1)];
  return corners.length > 1 && first[0] === last[0] && first[1] === last[1] ? corners.slice(0, -1) : corners;
};
const isPlace = (one) => Array.isArray(one) && one.length > 1 && one.slice(0, 2).every(Number.isFinite);

// a GeoJSON Polygon or MultiPolygon; null for what is none
export function read(text) {
  let given;
  try {
    given = JSON.parse(text);
  } catch {
    return null;
  }
  if (given?.type === "Feature") given = given.geometry;
  const polygons = { Polygon: [given?.coordinates], MultiPolygon: given?.coordinates }[given?.type];
  const good = Array.isArray(polygons) && polygons.every((one) => Array.isArray(one) && one.every((ring) => Array.isArray(ring) && ring.length && ring.every(isPlace)));
  return good ? polygons.map((polygon) => polygon.map(open)) : null;
}

export function geometry(shape) {
  const closed = shape.map((polygon) => polygon.map((ring) => [...ring, ring[0]]));
  return closed.length === 1 ? { type: "Polygon", coordinates: closed[0] } : { type: "MultiPolygon", coordinates: closed };
}

export const write = (shape) => (shape.some(([outer]) => outer.length > 2) ? JSON.stringify(geometry(shape)) : "");

const replaced = (shape, [p, r], change) => shape.map((polygon, one) => (one === p ? polygon.map((ring, two) => (two === r ? change(ring) : ring)) : polygon));

export const corner = (shape, [p, r, i]) => shape[p][r][i];
export const move = (shape, path, place) => replaced(shape, path, (ring) => ring.with(path[2], place));
export const insert = (shape, path, place) => replaced(shape, path, (ring) => ring.toSpliced(path[2], 0, place));

// without a corner; of what is then no ring the whole: a hole, or a polygon with its holes
export function remove(shape, path) {
  const [p, r, i] = path;
  if (shape[p][r].length > 3) return replaced(shape, path, (ring) => ring.toSpliced(i, 1));
  if (r === 0) return shape.toSpliced(p, 1);
  return shape.map((polygon, one) => (one === p ? polygon.toSpliced(r, 1) : polygon));
}

export function* corners(shape) {
  for (const [p, polygon] of shape.entries()) for (const [r, ring] of polygon.entries()) for (const [i, place] of ring.entries()) yield { path: [p, r, i], place };
}

// halfway along each edge, with the path a corner put there would have
export function* middles(shape) {
  for (const [p, polygon] of shape.entries()) {
    for (const [r, ring] of polygon.entries()) {
      if (ring.length < 2) continue;
      for (const [i, [x, y]] of ring.entries()) {
        const [x2, y2] = ring[(i + 1) % ring.length];
        yield { path: [p, r, i + 1], place: [(x + x2) / 2, (y + y2) / 2] };
      }
    }
  }
}

const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

// where the border crosses itself; null if it does not, or has more corners than can be looked at while it is drawn
export function crossing(shape, most = 1500) {
  const edges = shape.flatMap((polygon) => polygon.flatMap((ring) => ring.map((place, i) => [place, ring[(i + 1) % ring.length]])));
  if (edges.length > most) return null;
  for (let one = 0; one < edges.length; one++) {
    for (let two = one + 1; two < edges.length; two++) {
      const [[a, b], [c, d]] = [edges[one], edges[two]];
      if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) {
        const share = turn(c, d, a) / (turn(c, d, a) - turn(c, d, b));
        return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
      }
    }
  }
  return null;
}

// the nearest corner of the neighbours within `reach` (in what `project` measures), else the nearest place on an edge:
// neighbours meet without a sliver between them
export function snapped(place, shapes, project, reach) {
  const [x, y] = project(place);
  let [best, found] = [reach, null];
  const rings = shapes.flat(2);
  for (const ring of rings) {
    for (const other of ring) {
      const [u, v] = project(other);
      const far = Math.hypot(u - x, v - y);
      if (far < best) [best, found] = [far, other];
    }
  }
  if (found) return found;
  for (const ring of rings) {
    for (const [i, a] of ring.entries()) {
      const b = ring[(i + 1) % ring.length];
      const [[ax, ay], [bx, by]] = [project(a), project(b)];
      const long = (bx - ax) ** 2 + (by - ay) ** 2;
      const share = long ? Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / long)) : 0;
      const far = Math.hypot(ax + share * (bx - ax) - x, ay + share * (by - ay) - y);
      if (far < best) [best, found] = [far, [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]];
    }
  }
  return found ?? place;
}

const METRES = 111320;

// square metres; right to a few per mille for shapes of some kilometres
export function area(shape) {
  const flat = (ring) => Math.abs(ring.reduce((sum, [x, y], i) => {
    const [x2, y2] = ring[(i + 1) % ring.length];
    return sum + (x - ring[0][0]) * (y2 - ring[0][1]) - (x2 - ring[0][0]) * (y - ring[0][1]);
  }, 0) / 2) * METRES ** 2 * Math.cos((ring[0][1] * Math.PI) / 180);
  return shape.reduce((sum, [outer, ...holes]) => sum + flat(outer) - holes.reduce((less, hole) => less + flat(hole), 0), 0);
}
