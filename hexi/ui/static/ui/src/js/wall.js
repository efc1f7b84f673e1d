// The command wall: figures and map kept up to date by server-sent events, connected again for ever; the time slider.

const WAIT = 4000; // before a lost stream is tried again, in milliseconds

export function wall() {
  const state = document.querySelector("[data-wall-state]");
  const [going, lost] = state.dataset.wallState.split("|");
  const stamp = document.querySelector("[data-wall-at]");
  const figure = document.querySelector("[data-map]");
  const lists = document.getElementById("lists");
  const events = document.body.dataset.events;
  const division = document.querySelector("[data-wall-division]").dataset.wallDivision;
  let known = document.querySelector("[data-wall-stamp]").dataset.wallStamp;
  const now = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });

  function updated() {
    stamp.textContent = now.format(new Date());
    stamp.dateTime = new Date().toISOString();
  }

  function figures(numbers) {
    for (const [key, number] of Object.entries(numbers)) {
      const place = document.querySelector(`[data-wall-figure="${CSS.escape(key)}"]`);
      if (!place || place.textContent === String(number)) continue;
      place.textContent = number;
      const tile = place.closest(".wall-figure");
      tile.classList.remove("wall-now");
      void tile.offsetWidth; // so that it begins again
      tile.classList.add("wall-now");
    }
  }

  // The lists and the slider's links are the page's own HTML. Lists first, then the map: whoever sees the map's new
  // count sees its rows as well. An answer that a later question has overtaken is dropped.
  let asked = 0;
  async function anew(address = location.href) {
    const turn = ++asked;
    const html = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    if (turn !== asked) return null;
    if (!lists.contains(document.activeElement)) lists.replaceChildren(...html.getElementById("lists").childNodes);
    if (figure) await redrawn(new URL(address, location.href).search);
    return html;
  }

  // settled when the map shows it, or after a while: a map that cannot be drawn holds nothing up
  const redrawn = (query) => new Promise((done) => {
    figure.addEventListener("drawn", done, { once: true });
    setTimeout(done, WAIT);
    figure.dispatchEvent(new CustomEvent("anew", { detail: { address: figure.dataset.map.split("?")[0] + query } }));
  });

  function told(fact) {
    state.textContent = going;
    updated();
    if (!fact) return;
    figures(fact.figures);
    const changed = known !== fact.stamp;
    known = fact.stamp;
    if (changed) anew();
  }

  function follow() {
    const source = new EventSource(`${events}?${new URLSearchParams({ wall: division })}`, { withCredentials: true });
    source.addEventListener(`wall:${division}`, (event) => told(JSON.parse(event.data)));
    source.onopen = () => (state.textContent = going);
    source.onerror = () => {
      state.textContent = lost;
      if (source.readyState === EventSource.CLOSED) setTimeout(follow, WAIT);
    };
  }
  if (events) follow();
  slider(anew);
}

function slider(anew) {
  const part = document.querySelector("[data-wall-slider]");
  const input = part?.querySelector("input");
  if (!input) return;
  input.hidden = false;

  async function show() {
    const address = new URL(location.href);
    if (input.value === "0") address.searchParams.delete("step");
    else address.searchParams.set("step", String(-input.value));
    history.replaceState(null, "", address);
    const html = await anew(address.href);
    if (!html) return;
    part.querySelector("p").replaceChildren(...html.querySelector("[data-wall-slider] p").childNodes);
    input.setAttribute("aria-valuetext", html.querySelector("[data-wall-moment]")?.textContent ?? "");
  }

  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 200);
  });
  plays(part, input, show);
}

// Step by step from the past to the present: nothing moves before the button is pressed. It stops at the present, by
// the button, by a hand on the slider, and when the page is put away; each step waits for the one before to be seen.
function plays(part, input, show) {
  const bar = part.querySelector("[data-wall-play]");
  const [button, pace] = [bar.querySelector("button"), bar.querySelector("select")];
  const [start, stop] = button.dataset.words.split("|");
  const word = button.querySelector("span");
  let going = 0;
  bar.hidden = false;

  const halt = () => {
    going = 0;
    word.textContent = start;
    button.setAttribute("aria-pressed", "false");
  };
  async function run() {
    const turn = (going = Date.now());
    word.textContent = stop;
    button.setAttribute("aria-pressed", "true");
    if (input.value === "0") input.value = input.min;
    await show();
    while (going === turn && input.value !== "0") {
      await new Promise((done) => setTimeout(done, Number(pace.value)));
      if (going !== turn) return;
      input.stepUp();
      await show();
    }
    if (going === turn) halt();
  }
  button.addEventListener("click", () => (going ? halt() : run()));
  input.addEventListener("pointerdown", halt);
  input.addEventListener("keydown", halt);
  matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", (event) => event.matches && halt());
  document.addEventListener("visibilitychange", () => document.hidden && halt());
}
