// Live facts by server-sent events (hexi/ui/live.py): [data-live="unread"] shows the number, [data-live-refresh="handed:…"]
// gets the event "live", on which htmx fetches anew. Without the stream the page stays as it was loaded.

const PATIENCE = 3; // failures to connect in a row until the page does without

const names = () => [
  ...new Set([...document.querySelectorAll("[data-live], [data-live-refresh]")].map((one) => one.dataset.live ?? one.dataset.liveRefresh)),
];

function told(name, value) {
  for (const place of document.querySelectorAll(`[data-live="${CSS.escape(name)}"]`)) {
    const badge = place.classList.contains("count"); // a badge of nothing is no badge; a figure of nothing is 0
    place.textContent = badge ? value || "" : value;
    place.hidden = badge && !value;
  }
  for (const place of document.querySelectorAll(`[data-live-refresh="${CSS.escape(name)}"]`)) place.dispatchEvent(new Event("live"));
}

// "handed:TOKEN" is asked for as ?handed=TOKEN
function query(wanted) {
  return new URLSearchParams(wanted.map((name) => name.split(/:(.*)/s).slice(0, 2)).map(([fact, argument = ""]) => [fact, argument]));
}

export function live() {
  const address = document.body.dataset.events;
  if (!address) return;
  let source = null;
  let failures = 0;

  function stop() {
    source?.close();
    source = null;
  }

  function follow() {
    const wanted = names();
    if (document.hidden || !wanted.length || failures >= PATIENCE) return stop();
    const url = `${address}?${query(wanted)}`;
    if (source?.url === url) return;
    stop();
    source = new EventSource(url, { withCredentials: true });
    source.onopen = () => (failures = 0);
    source.onerror = () => ++failures >= PATIENCE && stop();
    for (const name of wanted) source.addEventListener(name, (event) => told(name, JSON.parse(event.data)));
  }

  // a page in the background does not hold a connection
  document.addEventListener("visibilitychange", follow);
  document.addEventListener("htmx:afterSettle", follow);
  follow();
}
