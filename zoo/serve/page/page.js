"use strict";
// Sends each picture by itself, a few at a time, and shows its answer where the picture is.

const AT_A_TIME = 4, TRIES = 20, SHOWN = 3, TOKEN = "zoo-token";
const BADGES = { sure: "sure enough", unsure: "not sure enough: look yourself" };
const FAILURES = { 0: "server not reached", 401: "token missing", 408: "took too long", 413: "too large", 422: "cannot be read", 429: "took too long", 503: "took too long" };
const failure = (status) => FAILURES[status] ?? "failed"; // 0 stands for no status at all
const find = (id) => document.getElementById(id);
const percent = (share) => `${Number((100 * share).toFixed(1))} %`;
const rows = []; // {file, card, answer} in the order of the page
const waiting = [];
let model = null, busy = 0;

async function send(path, options = {}) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  for (let tries = 1; ; tries++) {
    const response = await fetch(path, { ...options, headers });
    if (response.status === 401) askForToken();
    const later = response.headers.get("Retry-After");
    if (!later || tries === TRIES) return response;
    await new Promise((done) => setTimeout(done, 1000 * Number(later)));
  }
}

function askForToken() {
  find("key").hidden = false;
  find("about").textContent = "This server asks for a token.";
  find("token").focus();
}

async function describe() {
  const response = await send("model");
  if (!response.ok) return;
  model = await response.json();
  find("key").hidden = true;
  const { error, coverage, accepts_some: some } = model.decisions;
  find("about").textContent = `${model.classes.length} classes: ${model.classes.join(", ")}. Model ${model.hash}.`;
  find("limit").textContent = `, up to ${Math.round(model.limits.bytes / 2 ** 20)} MB each`;
  if (error !== null) {
    find("meaning-sure").textContent = some
      ? `At most ${percent(error)} of such answers were wrong on pictures that were held out from the training. The others are marked, for a person to look at.`
      : `No threshold keeps the errors below ${percent(error)}, so every answer is for a person to look at.`;
  }
  if (coverage !== null) {
    find("meaning-set").textContent = `The classes that hold the right one with a probability of ${percent(coverage)}, among pictures like those of the training. Where there is none, the picture may show something else.`;
  }
}

function add(files) {
  for (const file of files) {
    const card = find("card").content.firstElementChild.cloneNode(true);
    const row = { file, card, answer: null };
    card.querySelector(".answer").textContent = "…";
    card.querySelector(".name").textContent = file.name;
    preview(card, file);
    find("answers").append(card);
    rows.push(row);
    waiting.push(row);
  }
  find("results").hidden = rows.length === 0;
  tell();
  work();
}

function preview(card, file) {
  const image = card.querySelector("img");
  image.alt = `Picture ${file.name}`;
  image.onerror = () => {
    image.hidden = true;
    card.querySelector(".no-preview").hidden = false;
  };
  card.own = image.src = URL.createObjectURL(file);
}

function work() {
  while (busy < AT_A_TIME && waiting.length) {
    const row = waiting.shift();
    busy++;
    answer(row).finally(() => {
      busy--;
      tell();
      work();
    });
  }
}

async function answer(row) {
  try {
    const response = await send("predict", { method: "POST", body: row.file });
    const content = await response.json().catch(() => ({ error: `Status ${response.status}.` })); // of a proxy, say
    row.answer = { ...(content.predictions?.[0] ?? { error: content.error }), status: response.status };
  } catch (error) {
    row.answer = { error: `The server did not answer (${error.message}).`, status: 0 };
  }
  show(row);
}

function show({ file, card, answer }) {
  const put = (part, text) => (card.querySelector(part).textContent = text);
  const state = stateOf(answer);
  if (state) card.classList.add(state);
  if (state === "failed") {
    card.querySelector("img").hidden = true;
    card.querySelector(".no-preview").hidden = false;
    put(".answer", "No answer");
    put(".badge", failure(answer.status));
    put(".set", answer.error);
    return;
  }
  put(".answer", answer.class);
  put(".badge", BADGES[state] ?? percent(answer.probability));
  put(".set", answer.set === null ? "" : told(answer.set));
  const best = Object.entries(answer.probabilities).sort((one, other) => other[1] - one[1]);
  card.querySelector(".shares").replaceChildren(...best.slice(0, SHOWN).map(share));
  const button = card.querySelector(".map");
  button.hidden = false;
  button.setAttribute("aria-label", `Show the heat map of ${file.name}`);
  button.onclick = () => toggle(card, file, button);
}

// An empty set says that the picture is less like any class than nearly all pictures that the thresholds were chosen on.
function stateOf(answer) {
  if (answer.error) return "failed";
  if (answer.accepted === false || answer.set?.length === 0) return "unsure";
  return answer.accepted ? "sure" : "";
}

function told(set) {
  if (!set.length) return `Less like any class than ${percent(model.decisions.coverage)} of the pictures that it was checked on.`;
  return set.length === 1 ? `Can be ${set[0]} only.` : `Can be one of: ${set.join(", ")}.`;
}

function share([name, value]) {
  const line = document.createElement("li");
  const parts = [["span", "class", name], ["span", "value", percent(value)], ["span", "bar-of", ""]];
  for (const [kind, role, text] of parts) {
    const part = document.createElement(kind);
    part.className = role;
    part.textContent = text;
    line.append(part);
  }
  const bar = document.createElement("i");
  bar.style.width = `${100 * value}%`;
  line.lastChild.append(bar);
  return line;
}

async function drawn(file) {
  try {
    const response = await send("explain", { method: "POST", body: file });
    return response.ok ? URL.createObjectURL(await response.blob()) : null;
  } catch {
    return null; // the server was not reached
  }
}

function forget(card) {
  for (const url of [card.own, card.heat]) if (url) URL.revokeObjectURL(url);
}

async function toggle(card, file, button) {
  const image = card.querySelector("img"), pressed = button.getAttribute("aria-pressed") === "true";
  if (!card.heat) {
    button.disabled = true;
    button.textContent = "Drawing …";
    card.heat = await drawn(file);
    button.disabled = false;
    if (!card.isConnected) return forget(card);
    button.focus();
    if (!card.heat) return (button.textContent = "No heat map: try again");
  }
  image.hidden = false;
  card.querySelector(".no-preview").hidden = true;
  image.src = pressed ? card.own : card.heat;
  image.alt = pressed ? `Picture ${file.name}` : `Heat map of ${file.name}`;
  button.setAttribute("aria-pressed", String(!pressed));
  button.textContent = pressed ? "Show the heat map" : "Show the picture";
  button.setAttribute("aria-label", `${button.textContent} of ${file.name}`);
}

function tell() {
  const done = rows.filter((row) => row.answer);
  const count = (holds) => done.filter((row) => holds(row.answer)).length;
  const parts = [
    [count((one) => stateOf(one) === "sure"), "sure enough"],
    [count((one) => stateOf(one) === "unsure"), "not sure enough"],
    [count((one) => stateOf(one) === ""), "answered"],
    ...[...new Set(Object.values(FAILURES)), "failed"].map((text) => [count((one) => one.error && failure(one.status) === text), text]),
    [rows.length - done.length, "waiting"],
  ];
  const texts = parts.filter(([number]) => number).map(([number, text]) => `${number} ${text}`);
  find("status").textContent = `${rows.length} picture${rows.length === 1 ? "" : "s"}: ${texts.join(", ")}.`;
  find("save").disabled = done.length < rows.length;
}

function table() {
  const names = model ? model.classes : Object.keys(rows.find((row) => row.answer.probabilities)?.answer.probabilities ?? {});
  const heads = ["path", "class", "class_id", ...names.map((name) => `probability_${name}`), "uncertainty", "accepted", "set", "error"];
  const cells = rows.map(({ file, answer: one }) => [
    file.name, one.class, one.class_id, ...names.map((name) => one.probabilities?.[name]),
    one.uncertainty, one.accepted, one.set?.join(" | "), one.error,
  ]);
  const quoted = (cell) => `"${String(cell ?? "").replaceAll('"', '""')}"`;
  return [heads, ...cells].map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
  link.download = "answers.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // when it is surely written
}

function clear() {
  for (const { card } of rows) forget(card);
  rows.length = waiting.length = 0;
  find("answers").replaceChildren();
  find("results").hidden = true;
  find("files").focus();
}

for (const id of ["files", "camera"]) {
  find(id).addEventListener("change", (event) => {
    add([...event.target.files]);
    event.target.value = ""; // so that the same file can be chosen again
  });
}
find("save").addEventListener("click", save);
find("clear").addEventListener("click", clear);
find("key").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, find("token").value);
  describe();
});
addEventListener("paste", (event) => add([...event.clipboardData.files]));
addEventListener("dragover", (event) => {
  event.preventDefault();
  find("drop").classList.add("over");
});
addEventListener("dragleave", (event) => event.relatedTarget || find("drop").classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  find("drop").classList.remove("over");
  add([...event.dataTransfer.files]);
});
describe();
