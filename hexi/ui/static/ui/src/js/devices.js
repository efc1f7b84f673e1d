// What a device can do for a form: tell where it is, let a name be drawn. Without this script both are done another way.

const PLACES = 1e6;

function locates(box) {
  const [lon, lat] = box.querySelectorAll("input");
  const [button, said] = [box.querySelector("button"), box.querySelector("[role=status]")];
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        lon.value = Math.round(coords.longitude * PLACES) / PLACES;
        lat.value = Math.round(coords.latitude * PLACES) / PLACES;
        said.textContent = "";
        lon.dispatchEvent(new Event("input", { bubbles: true }));
      },
      () => (said.textContent = said.dataset.denied),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  });
}

function draws(box) {
  const [kept, canvas, clear] = [box.querySelector("input"), box.querySelector("canvas"), box.querySelector("button")];
  const pen = canvas.getContext("2d");
  let strokes = kept.value ? JSON.parse(kept.value) : [];
  let stroke = null;

  const at = (event) => {
    const edge = canvas.getBoundingClientRect();
    const place = (value, size, most) => Math.min(most, Math.max(0, Math.round((value / size) * most)));
    return [place(event.clientX - edge.left, edge.width, canvas.width), place(event.clientY - edge.top, edge.height, canvas.height)];
  };
  const draw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = getComputedStyle(canvas).color;
    for (const points of strokes) {
      pen.beginPath();
      points.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      pen.stroke();
    }
  };
  const keep = () => {
    kept.value = strokes.length ? JSON.stringify(strokes) : "";
    kept.dispatchEvent(new Event("input", { bubbles: true }));
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    strokes.push((stroke = [at(event)]));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    stroke.push(at(event));
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      stroke = null;
      keep();
    });
  }
  clear.addEventListener("click", () => {
    strokes = [];
    draw();
    keep();
  });
  box.hidden = false;
  draw();
}

export function devices(root = document) {
  if (navigator.geolocation) for (const box of root.querySelectorAll("[data-locate]")) locates(box);
  for (const box of root.querySelectorAll("[data-sign]")) draws(box);
}
