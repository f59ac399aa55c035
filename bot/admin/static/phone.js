// The drawn phone. A call is its id and all that was typed in it, as a network sends it; what the screen says and
// how long that is comes from the server.

const $ = (id) => document.getElementById(id);
const CODE = document.body.dataset.code;
const PATIENCE = 10_000; // milliseconds a network waits for a screen
const POLL = 1_000; // milliseconds between two looks at what came
const STATES = {
  queued: "en attente",
  sending: "en attente",
  sent: "envoyé",
  delivered: "remis",
  failed: "non remis",
  unknown: "sort inconnu",
};

const whose = () => $("caller").value || $("number").value.trim();

async function ask(path, message) {
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(message) };
  const response = await fetch(`/admin/phone/${path}`, { ...(message && post), signal: AbortSignal.timeout(PATIENCE) });
  if (response.ok) return response.json();
  const why = await response.text();
  throw new Error(why.startsWith("msisdn") ? "Ce numéro n’est pas bon.\nExemple : 76 12 34 56" : "Service arrêté.");
}

const why = (error) => (error.name === "Error" ? error.message : "Pas de réseau.");

// Calls

let call = null; // { id, msisdn, text, waits }, while she is in one

function show(text, size = null) {
  $("screen").textContent = text;
  $("screen").scrollTop = 0;
  $("screen").classList.toggle("idle", size === null);
  $("size").hidden = size === null;
  if (size !== null) {
    const unit = size.ucs2 ? "caractères" : "septets";
    $("septets").textContent = `${size.septets} / ${size.limit} ${unit}${size.ends ? " · fin" : ""}`;
    $("gauge").max = size.limit;
    $("gauge").value = size.septets;
  }
  $("typed").value = "";
  $("typed").placeholder = call ? "Réponse" : CODE;
  $("call").setAttribute("aria-label", call ? "Envoyer" : "Appeler");
}

async function step(typed) {
  const mine = call;
  mine.text = mine.text ? `${mine.text}*${typed}` : typed;
  mine.waits = true;
  document.body.classList.add("waits");
  let screen;
  try {
    screen = await ask("ussd", { session: mine.id, msisdn: mine.msisdn, text: mine.text });
  } catch (error) {
    screen = { text: why(error), ends: true };
  }
  if (call !== mine) return; // hung up meanwhile
  document.body.classList.remove("waits");
  mine.waits = false;
  if (screen.ends) call = null;
  show(screen.text, "septets" in screen ? screen : null);
}

// `*123*3*1#` dials past the menu: 3, then 1.
function dial(code) {
  const base = CODE.slice(0, -1);
  const beyond = code.startsWith(base) && code.endsWith("#") ? code.slice(base.length, -1) : "?";
  if (beyond && !beyond.startsWith("*")) return show(`Code inconnu : ${code}\nComposez ${CODE}`);
  call = { id: crypto.randomUUID(), msisdn: whose(), text: "", waits: false };
  return step(beyond.slice(1));
}

function send() {
  const typed = $("typed").value;
  if (!call) return dial(typed.trim() || CODE);
  return typed && !call.waits ? step(typed) : null;
}

function hangUp() {
  call = null;
  document.body.classList.remove("waits");
  show(`Composez ${CODE}`);
}

// Messages

const written = []; // what was sent from this page
let received = [];
let read = null; // the ids of what she has seen; null until we have looked once

function bubble({ mine, text, note }) {
  const item = document.createElement("li");
  item.className = mine ? "mine" : "theirs";
  const said = document.createElement("p");
  said.textContent = text;
  const small = document.createElement("small");
  small.textContent = note;
  item.append(said, small);
  return item;
}

const clock = (at) => new Date(at).toLocaleTimeString("fr", { hour: "2-digit", minute: "2-digit" });
const noted = (sms, state) => [clock(sms.at), sms.segments && `${sms.segments} SMS`, state].filter(Boolean).join(" · ");

function draw() {
  const mine = written.filter((sms) => sms.msisdn === whose());
  const all = [
    ...mine.map((sms) => ({ mine: true, text: sms.text, at: sms.at, note: noted(sms, sms.state) })),
    ...received.map((sms) => ({ text: sms.text, at: Date.parse(sms.at), note: noted(sms, STATES[sms.state]) })),
  ].sort((one, other) => one.at - other.at);
  const drawn = JSON.stringify(all);
  if ($("thread").dataset.drawn !== drawn) {
    // Only when it changed, or it would be read aloud again.
    $("thread").dataset.drawn = drawn;
    $("thread").replaceChildren(...all.map(bubble));
    $("thread").scrollTop = $("thread").scrollHeight;
  }
  if (!$("sms").hidden) read = new Set(received.map((sms) => sms.id));
  const unread = received.filter((sms) => !read?.has(sms.id)).length;
  $("unread").textContent = unread;
  $("unread").hidden = unread === 0;
}

async function look() {
  const msisdn = whose();
  try {
    const { messages } = await ask(`inbox?${new URLSearchParams({ msisdn })}`);
    if (msisdn !== whose()) return;
    received = messages;
    read ??= new Set(messages.map((sms) => sms.id));
    $("clock").textContent = clock(Date.now());
    draw();
  } catch (error) {
    $("clock").textContent = why(error).split("\n")[0];
  }
}

async function listen() {
  if (!document.hidden) await look();
  setTimeout(listen, POLL);
}

async function write(text) {
  const sms = { msisdn: whose(), text, at: Date.now(), state: "envoi…" };
  written.push(sms);
  draw();
  try {
    const { segments } = await ask("sms", { id: crypto.randomUUID(), msisdn: sms.msisdn, text });
    Object.assign(sms, { segments, state: "envoyé" });
  } catch (error) {
    sms.state = `non envoyé : ${why(error).split("\n")[0]}`;
  }
  await look();
  draw();
}

// Who holds it

function takeUp() {
  $("stranger").hidden = $("caller").value !== "";
  $("whose").textContent = $("caller").selectedOptions[0].dataset.name;
  [received, read] = [[], null];
  hangUp();
  draw();
  look();
}

function open(name) {
  for (const tab of ["ussd", "sms"]) {
    const chosen = tab === name;
    $(tab).hidden = !chosen;
    $(`tab-${tab}`).setAttribute("aria-selected", chosen);
    $(`tab-${tab}`).tabIndex = chosen ? 0 : -1;
  }
  $("keys").hidden = name !== "ussd";
  $("write").hidden = name !== "sms";
  $("thread").scrollTop = $("thread").scrollHeight;
  draw();
}

function typedAnywhere(event) {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if ($("ussd").hidden || !/^[0-9*#]$/.test(event.key)) return;
  $("typed").value += event.key;
  event.preventDefault();
}

for (const key of document.querySelectorAll("[data-key]")) {
  key.addEventListener("click", () => ($("typed").value += key.dataset.key));
}
for (const example of document.querySelectorAll("#examples button")) {
  example.addEventListener("click", () => {
    $("message").value = example.textContent;
    $("message").focus();
  });
}
for (const [name, other] of [["ussd", "sms"], ["sms", "ussd"]]) {
  $(`tab-${name}`).addEventListener("click", () => open(name));
  $(`tab-${name}`).addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    open(other);
    $(`tab-${other}`).focus();
  });
}
$("call").addEventListener("click", send);
$("hang-up").addEventListener("click", hangUp);
$("erase").addEventListener("click", () => ($("typed").value = $("typed").value.slice(0, -1)));
$("reply").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("message").value.trim();
  $("message").value = "";
  if (text) write(text);
});
$("message").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  $("write").requestSubmit();
});
$("caller").addEventListener("change", takeUp);
$("number").addEventListener("change", takeUp);
document.addEventListener("keydown", typedAnywhere);
document.addEventListener("keydown", (event) => event.key === "Escape" && hangUp());

takeUp();
listen();
