// Septets counted as one writes, and the phone beside the page; both pages work without.

const WIDE = new Set("\f^{}\\[~]|€");
const TWO = new Set("ɲƝŋŊɣƔœŒ");

// As bot/text/fold.py spells what a phone has not: one letter for one, two for ɲ and ŋ.
function septets(text) {
  let count = 0;
  for (const letter of text.normalize("NFC")) {
    count += WIDE.has(letter) || TWO.has(letter) ? 2 : 1;
  }
  return count;
}

function counted(text, sizes) {
  let values = 0;
  const rest = text.replace(/\{([a-z][a-z0-9_]*)\}/g, (whole, name) => {
    values += sizes[name] ?? whole.length;
    return "";
  });
  return septets(rest.trim()) + values;
}

for (const area of document.querySelectorAll("textarea[data-septets]")) {
  const limit = Number(area.dataset.septets);
  const sizes = JSON.parse(area.dataset.sizes || "{}");
  const shown = document.createElement("span");
  shown.className = "count";
  shown.setAttribute("aria-live", "polite");
  area.after(shown);
  const show = () => {
    const size = counted(area.value, sizes);
    shown.textContent = `${size} / ${limit} septets`;
    shown.classList.toggle("over", size > limit);
  };
  area.addEventListener("input", show);
  show();
}

// A picture wider than the screen begins where the flow does.
document.querySelector(".drawn .first")?.scrollIntoView({ block: "nearest", inline: "center" });

// The phone is asked for by itself, so that what is being written beside it stays. Where a step is being written, the
// server draws its whole screens and plays it as it stands in the form: nothing is kept by that.
const writing = document.querySelector("form[data-try]");
let latest = 0;

async function fresh(address, options) {
  const mine = ++latest;
  try {
    const answer = await fetch(address, { redirect: "error", ...options });
    if (!answer.ok || mine !== latest) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null; // The line is away; what is shown stays.
  }
}

function play(asked) {
  if (!writing) return fresh(`${document.querySelector("form[data-phone]").dataset.phone}?${asked}`);
  return fresh(`${writing.dataset.try}?${asked}`, { method: "POST", body: new URLSearchParams(new FormData(writing)) });
}

function put(page) {
  for (const id of ["trial", "phone"]) {
    const part = page?.getElementById(id);
    if (part) document.getElementById(id)?.replaceWith(part);
  }
  for (const shown of document.querySelectorAll("[data-counts]")) {
    const counts = [...document.querySelectorAll(`#trial [data-screens="${shown.dataset.counts}"] .count`)];
    if (!counts.length) continue;
    shown.textContent = counts.map((count) => count.textContent).join(" · ");
    shown.classList.toggle("over", counts.some((count) => count.classList.contains("over")));
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-phone]");
  if (!form) return;
  event.preventDefault();
  put(await play(new URLSearchParams(new FormData(form, event.submitter))));
  document.querySelector("#phone input[name=t]:not([type=hidden]), #phone")?.focus();
});

let waiting = 0;
writing?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const asked = new URLSearchParams();
    for (const field of document.querySelectorAll("#phone .typing input[type=hidden]")) asked.append(field.name, field.value);
    put(await play(asked));
  }, 350);
});
