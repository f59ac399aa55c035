// What makes the console quicker where scripts run; every page works without it.

// A filter is applied as soon as it is chosen.
for (const form of document.querySelectorAll("form[data-filters]")) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, [type=date], [type=datetime-local]")) form.requestSubmit();
  });
}

// What cannot be undone is asked about.
for (const form of document.querySelectorAll("form[data-sure]")) {
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.sure)) event.preventDefault();
  });
}

// A form is sent once, however often its button is pressed on a slow line.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What was chosen in a table and not saved is not lost by turning its page.
for (const form of document.querySelectorAll("form[data-unsaved]")) {
  form.addEventListener("change", () => {
    form.dataset.unsaved = "1";
  });
}
addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-unsaved='1']:not([data-sent])")) event.preventDefault();
});

// Figures stay fresh: `<section id="…" data-every="30">` is asked for again, while somebody looks.
for (const section of document.querySelectorAll("[data-every]")) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { redirect: "error" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(section.id);
      if (fresh) section.replaceChildren(...fresh.childNodes);
    } catch {
      // The line is away; what is shown stays.
    }
  }, 1000 * section.dataset.every);
}

// The menu of a small screen closes with Escape.
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#menu") location.hash = "#main";
});
