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

// The phone is asked for by itself, so that what is being written beside it stays.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-phone]");
  if (!form) return;
  event.preventDefault();
  const asked = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await fetch(`${form.dataset.phone}?${asked}`, { redirect: "error" });
  if (!answer.ok) return;
  const part = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("phone");
  document.getElementById("phone").replaceWith(part);
  part.querySelector("input[name=t]:not([type=hidden])")?.focus();
});
