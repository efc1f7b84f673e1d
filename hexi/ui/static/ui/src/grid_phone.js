// The worker's phone page without a line: forms are kept on the device with their photos and sent when there is one.
// Each draft carries the key of its form, so that the server counts it once however often it is sent. What is being
// written (`running`) is kept too and is back in the form after the page was left; it is sent only when it is handed in.

const box = document.querySelector("[data-offline]");
const say = box.dataset;
const PAGE = new URL(say.scope, location.href).href;

// --- the store --------------------------------------------------------------------------------------------------------
function open() {
  return new Promise((done, fail) => {
    const asked = indexedDB.open("hexi-grid", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

async function store(mode, work) {
  const base = await open();
  try {
    return await new Promise((done, fail) => {
      const change = base.transaction("drafts", mode);
      const asked = work(change.objectStore("drafts"));
      change.oncomplete = () => done(asked.result);
      change.onerror = change.onabort = () => fail(change.error);
    });
  } finally {
    base.close();
  }
}

const put = (draft) => store("readwrite", (drafts) => drafts.put(draft));
const drop = (key) => store("readwrite", (drafts) => drafts.delete(key));

// another person's drafts on the same phone stay, and are neither shown nor sent
async function mine() {
  const all = await store("readonly", (drafts) => drafts.getAll());
  return all.filter((draft) => draft.owner === say.owner).sort((a, b) => a.at - b.at);
}

// --- drafts -----------------------------------------------------------------------------------------------------------
// a copy of the photo, not the reference to a file that the phone may move; read once
const copies = new WeakMap();
function copyOf(file) {
  if (!copies.has(file)) copies.set(file, file.arrayBuffer());
  return copies.get(file);
}

async function draftOf(form) {
  const fields = [];
  for (const [name, value] of new FormData(form)) {
    if (name === "csrfmiddlewaretoken") continue;
    if (value instanceof File) {
      if (value.size) fields.push([name, { name: value.name, type: value.type, content: await copyOf(value) }]);
    } else fields.push([name, value]);
  }
  const said = form.elements.subject?.selectedOptions[0]?.text || form.querySelector("button:not([type=button])").innerText;
  return { key: form.elements.submission.value, owner: say.owner, kind: form.dataset.draft, action: form.getAttribute("action"), at: Date.now(), said, fields, faults: [] };
}

function bodyOf(draft) {
  const body = new FormData();
  for (const [name, value] of draft.fields) {
    if (typeof value === "string") body.append(name, value);
    else body.append(name, new Blob([value.content], { type: value.type }), value.name);
  }
  return body;
}

const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || "";

async function refuse(draft, faults, more = {}) {
  await put({ ...draft, ...more, faults });
  return true;
}

// true: go on with the next one, for what is wrong with this one is not wrong with all; false: no line, or signed out
async function send(draft) {
  let answer;
  try {
    answer = await fetch(draft.action, {
      method: "POST", body: bodyOf(draft), redirect: "manual", credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": token() },
    });
  } catch {
    return false;
  }
  const json = answer.headers.get("Content-Type")?.startsWith("application/json");
  if (answer.ok && json) {
    await drop(draft.key);
    tell(say.sent, draft.said, (await answer.json()).url);
    return true;
  }
  if (answer.status === 422 && json) return refuse(draft, (await answer.json()).errors);
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    tell(say.signIn, "", "");
    return false;
  }
  if (answer.status === 413) return refuse(draft, [say.large], { large: true });
  if (answer.status >= 500 || answer.status === 408 || answer.status === 429) return true; // it waits for the next time
  return answer.status >= 400 ? refuse(draft, [`${say.failed}${answer.status}`]) : false;
}

let busy = false;

async function sendAll() {
  if (busy || !navigator.onLine) return show();
  busy = true;
  try {
    for (const draft of await mine()) if (!draft.running && !draft.faults.length && !(await send(draft))) break;
  } finally {
    busy = false;
    await show();
  }
}

// --- what the page says -----------------------------------------------------------------------------------------------
const queue = box.querySelector("[data-queue]");
const list = queue.querySelector("ul");
const told = [];

function tell(word, said, url) {
  told.unshift({ word, said, url });
  told.splice(5);
}

function line(...parts) {
  const item = document.createElement("li");
  item.append(...parts);
  list.append(item);
  return item;
}

function button(word, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-quiet";
  made.textContent = word;
  made.addEventListener("click", act);
  return made;
}

async function show() {
  const drafts = await mine();
  box.querySelector("[data-line]").hidden = navigator.onLine;
  list.replaceChildren();
  for (const draft of drafts) {
    const photos = draft.fields.filter(([, value]) => typeof value !== "string").length;
    const words = `${draft.said} · ${new Date(draft.at).toLocaleTimeString()}${photos ? ` · ${photos} ${say.photos}` : ""} `;
    if (draft.faults.length) {
      const item = line(`${say.refused}${words}${draft.faults.join(" ")} `);
      if (formOf(draft)) item.append(button(say.edit, () => edit(draft)));
      item.append(button(say.drop, () => leave(draft)));
    } else if (draft.running) {
      if (!held(draft)) line(`${say.begun}${words}`, button(say.edit, () => edit(draft)), button(say.drop, () => leave(draft)));
    } else line(`${say.waiting}${words}`, button(say.try, sendAll), button(say.drop, () => leave(draft)));
  }
  for (const { word, said, url } of told) {
    const link = document.createElement(url ? "a" : "span");
    if (url) link.href = url;
    link.textContent = said;
    line(word, link);
  }
  queue.hidden = !list.children.length;
}

const formOf = (draft) => box.querySelector(`form[data-draft="${draft.kind}"]`);
const held = (draft) => formOf(draft)?.elements.submission.value === draft.key; // it is what the form shows

// into the form, photos and all (unless they were what was too large). The device keeps it until it is handed in again.
function fill(form, draft) {
  fresh(form);
  const photos = new DataTransfer();
  for (const [name, value] of draft.fields) {
    const control = form.elements[name];
    if (!control) continue;
    if (typeof value !== "string") photos.items.add(new File([value.content], value.name, { type: value.type }));
    else if (control.type === "checkbox") control.checked = true;
    else control.value = value;
  }
  if (form.elements.photos && !draft.large) form.elements.photos.files = photos.files;
  form.faults = draft.faults;
  count(form);
}

async function edit(draft) {
  const form = formOf(draft);
  await saved(form); // what was being written stays in the list
  fill(form, draft);
  await show();
  form.scrollIntoView();
}

async function leave(draft) {
  if (!draft.faults.length && !window.confirm(say.sure)) return;
  await drop(draft.key);
  if (held(draft)) fresh(formOf(draft));
  await show();
}

// 32 hexadecimal digits; crypto.randomUUID is there only over HTTPS, and an intranet may have none
function key() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fresh(form) {
  clearTimeout(form.later);
  form.later = null;
  form.reset();
  delete form.dataset.sent;
  form.faults = [];
  form.elements.seen_at.value = ""; // a hidden field is not reset
  form.elements.submission.value = key();
  count(form);
}

// one too many is refused here, by name, before anything is sent
function count(form) {
  const photos = form.elements.photos;
  photos?.setCustomValidity(photos.files.length > Number(say.most) ? say.many : "");
}

// --- what is being written ---------------------------------------------------------------------------------------------
async function save(form) {
  const draft = await draftOf(form);
  const begun = draft.fields.some(([name, value]) => value && !["submission", "seen_at", "cell"].includes(name));
  try {
    await (begun ? put({ ...draft, running: true, faults: form.faults || [] }) : drop(draft.key));
  } catch {
    tell(say.full, "", "");
    await show();
  }
}

// what is due to be kept, kept now; one after the other, so that an older copy never comes last
function saved(form) {
  if (form.later) {
    clearTimeout(form.later);
    form.later = null;
    form.saving = (form.saving || Promise.resolve()).then(() => save(form));
  }
  return form.saving;
}

function soon(form) {
  clearTimeout(form.later);
  form.later = setTimeout(() => saved(form), 300);
}

async function restore(form) {
  const running = (await mine()).filter((draft) => draft.running && formOf(draft) === form);
  if (running.length) fill(form, running.at(-1));
}

async function keep(form) {
  if (form.busy) return;
  form.busy = true;
  try {
    await saved(form);
    form.elements.seen_at.value ||= new Date().toISOString(); // mended later, it was seen when it was first handed in
    await put(await draftOf(form));
    fresh(form);
    if (!navigator.onLine) tell(say.kept, "", "");
  } catch {
    tell(say.full, "", "");
    return show();
  } finally {
    form.busy = false;
  }
  await sendAll();
}

for (const form of box.querySelectorAll("form[data-draft]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) keep(form);
  });
  fresh(form); // the page that is kept for times without a line has one key for ever: each opening is a report of its own
  if ("running" in form.dataset) for (const name of ["input", "change"]) form.addEventListener(name, () => soon(form));
  form.elements.photos?.addEventListener("change", () => (count(form), form.elements.photos.reportValidity()));
}
window.addEventListener("online", sendAll);
window.addEventListener("offline", show);
setInterval(sendAll, 60_000);

// --- the page itself without a line ------------------------------------------------------------------------------------
async function stay() {
  const found = await navigator.serviceWorker.register(say.worker, { scope: say.scope });
  const ready = await navigator.serviceWorker.ready;
  const files = [...document.querySelectorAll("link[href][rel~=stylesheet], link[rel~=icon], script[src]")];
  const channel = new MessageChannel();
  channel.port1.onmessage = () => (box.dataset.ready = "yes");
  (found.active || ready.active).postMessage(
    { keep: [PAGE, ...files.map((one) => one.href || one.src)] }, [channel.port2],
  );
}

if (navigator.serviceWorker) stay().catch(() => {});
for (const form of box.querySelectorAll("form[data-running]")) await restore(form).catch(() => {}); // no store: an empty form
sendAll();
