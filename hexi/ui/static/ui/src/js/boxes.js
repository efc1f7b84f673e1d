// svg[data-boxes]: draw a box on the picture by mouse, pen or finger; it goes into a row of numbers of [data-box-form].
// Without JavaScript the rows are filled in by hand.

const SIDES = ["x", "y", "w", "h"];
const LEAST = 8;

export const boxes = () => {
  const svg = document.querySelector("svg[data-boxes]");
  const form = document.querySelector("[data-box-form]");
  if (!svg || !form) return;
  const size = svg.viewBox.baseVal;
  let begun = null;
  let drawn = null;

  const at = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return {
      x: Math.round(Math.min(Math.max(point.x, 0), size.width)),
      y: Math.round(Math.min(Math.max(point.y, 0), size.height)),
    };
  };
  const between = (one, other) => ({
    x: Math.min(one.x, other.x),
    y: Math.min(one.y, other.y),
    w: Math.abs(one.x - other.x),
    h: Math.abs(one.y - other.y),
  });
  const show = (rect, box) => {
    ["x", "y", "width", "height"].forEach((name, place) => rect.setAttribute(name, box[SIDES[place]]));
  };
  const inputs = (row) => SIDES.map((side) => row.querySelector(`[name=${side}]`));
  const empty = () => {
    const rows = [...form.querySelectorAll("[data-box]")];
    const free = rows.find((row) => inputs(row).every((input) => !input.value));
    if (free) return free;
    const more = rows[rows.length - 1].cloneNode(true);
    inputs(more).forEach((input) => {
      input.value = "";
    });
    more.querySelector("[name=why]").value = "hand";
    const drop = more.querySelector("[name=drop]");
    if (drop) drop.closest("label").remove();
    rows[rows.length - 1].after(more);
    return more;
  };

  svg.classList.add("boxes-drawing");
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    begun = at(event);
    drawn = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    svg.append(drawn);
  });
  svg.addEventListener("pointermove", (event) => {
    if (begun) show(drawn, between(begun, at(event)));
  });
  const stop = (event) => {
    if (!begun) return;
    const box = between(begun, at(event));
    begun = null;
    if (event.type === "pointercancel" || box.w < LEAST || box.h < LEAST) {
      drawn.remove();
      return;
    }
    const row = empty();
    inputs(row).forEach((input, place) => {
      input.value = box[SIDES[place]];
    });
    drawn.classList.add("boxes-new");
  };
  svg.addEventListener("pointerup", stop);
  svg.addEventListener("pointercancel", stop);
};
