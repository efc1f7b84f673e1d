// The squares of a cartogram as GeoJSON on a plane round 0°, 0°: not on the Earth; frames, places in shapes. Pure.

const SQUARE = 0.2; // degrees of one square: small enough that nothing is bent
const EDGE = 0.006;
const HIGH = 26000; // metres of the fullest square

const size = (tiles) => [Math.max(...tiles.map((one) => one.at[0])) + 1, Math.max(...tiles.map((one) => one.at[1])) + 1];

// west, south, east, north of the square at a place
function ground([column, row], [wide, high]) {
  const west = (column - wide / 2) * SQUARE;
  const north = (high / 2 - row) * SQUARE;
  return [west + EDGE, north - SQUARE + EDGE, west + SQUARE - EDGE, north - EDGE];
}

export function bounds(tiles) {
  const [wide, high] = size(tiles);
  return [[(-wide / 2) * SQUARE, (-high / 2) * SQUARE], [(wide / 2) * SQUARE, (high / 2) * SQUARE]];
}

// each square with what the shown layers count there, and its share of the fullest one
export function heights(tiles, layers) {
  const space = size(tiles);
  const counted = tiles.map((tile) => {
    const rows = layers.map((layer) => [layer.title, tile.counts[layer.key] ?? 0, layer.standing]).filter(([, n]) => n);
    const n = rows.reduce((sum, [, part, standing]) => sum + (standing ? 0 : part), 0); // what stands there is no event
    return { tile, rows, n, box: ground(tile.at, space) };
  });
  const most = Math.max(1, ...counted.map((one) => one.n));
  return counted.map((one) => ({ ...one, share: Math.sqrt(one.n / most) }));
}

const point = (x, y) => ({ type: "Point", coordinates: [x, y] });
const collection = (features) => ({ type: "FeatureCollection", features });

export function squares(counted) {
  return collection(
    counted.map(({ tile, rows, share, box: [w, s, e, n] }) => ({
      type: "Feature",
      geometry: { type: "Polygon", coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] },
      properties: {
        title: [tile.group, tile.name].filter(Boolean).join(" "), word: rows.map(([title, n]) => `${title} ${n}`).join("，"),
        link: tile.href, share, height: 800 + share * HIGH,
      },
    })),
  );
}

export function labels(counted) {
  return collection(
    counted.map(({ tile, n, box: [w, s, e, north] }) => ({
      type: "Feature", geometry: point((w + e) / 2, (s + north) / 2), properties: { n, label: n ? `${short(tile.name)}\n${n}` : short(tile.name) },
    })),
  );
}

const PEOPLES = /(?:保安|东乡|撒拉|回|裕固|藏|蒙古|哈萨克|土家|苗|彝|羌)族/g;

// 肃南裕固族自治县 → 肃南; Sunan Yugur Autonomous County → Sunan
export function short(name) {
  if (!/[\u4e00-\u9fff]/.test(name)) return name.split(" ")[0];
  const bare = name.replace(/自治(县|州)$/, "");
  const kept = bare === name ? name : bare.replace(PEOPLES, "") || bare.replace(/族$/, "");
  return kept.length > 4 ? `${kept.slice(0, 4)}…` : kept;
}

// west-south and east-north corners round places, with a margin; null without any. One by one: an import may hold
// 300,000 points, more than a call takes as arguments
export function frame(points) {
  if (!points.length) return null;
  const [w, s, e, n] = points.reduce(
    ([west, south, east, north], [x, y]) => [Math.min(west, x), Math.min(south, y), Math.max(east, x), Math.max(north, y)],
    [Infinity, Infinity, -Infinity, -Infinity],
  );
  return [[w - 0.001, s - 0.001], [e + 0.001, n + 0.001]];
}

// the corners of a Polygon or MultiPolygon, in one row
export const corners = ({ type, coordinates }) => coordinates.flat(type === "Polygon" ? 1 : 2);

// true if a place lies in a Polygon or MultiPolygon and in none of its holes: by crossings, each edge half open
export function inside({ type, coordinates }, [x, y]) {
  const crosses = (ring) => ring.reduce((odd, [x2, y2], place) => {
    const [x1, y1] = ring[(place || ring.length) - 1];
    return (y1 > y) !== (y2 > y) && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1 ? !odd : odd;
  }, false);
  return (type === "Polygon" ? [coordinates] : coordinates).some(([outer, ...holes]) => crosses(outer) && !holes.some(crosses));
}
