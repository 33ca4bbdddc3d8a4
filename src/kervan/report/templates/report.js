(() => {
  const root = document.documentElement;
  const buttons = [...document.querySelectorAll("[data-set-lang]")];
  const show = (lang, keep) => {
    root.lang = lang;
    document.title = root.dataset["title" + lang[0].toUpperCase() + lang[1]];
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.setLang === lang));
    }
    if (keep) {
      try { localStorage.setItem("kervan-lang", lang); } catch { /* private window */ }
    }
  };
  const known = (lang) => buttons.some((button) => button.dataset.setLang === lang);
  const asked = new URLSearchParams(location.search).get("lang");
  let stored = null;
  try { stored = localStorage.getItem("kervan-lang"); } catch { /* private window */ }
  const first = [asked, stored].find((lang) => lang && known(lang)) || root.lang;
  for (const button of buttons) {
    button.addEventListener("click", () => show(button.dataset.setLang, true));
  }
  show(first, false);
  const closed = [];
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details:not([open])")) {
      part.open = true;
      closed.push(part);
    }
  });
  addEventListener("afterprint", () => {
    for (const part of closed.splice(0)) { part.open = false; }
  });
})();
