// The page for agents: offers places while one types, asks with Enter, keeps the answer true while a call lasts.
"use strict";
(() => {
  const WAIT_MS = 120;
  const form = document.querySelector("form.ask");
  const field = form.elements.q;
  const list = document.getElementById("offered");
  const answer = document.getElementById("answer");
  const changed = document.querySelector(".changed");
  let offers = [];
  let chosen = -1;
  let asked = null;
  let timer = 0;
  let turn = 0;

  function close() {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function choose(place) {
    chosen = place;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === place)));
    const item = list.children[place];
    if (item) {
      field.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }

  function offer(found) {
    offers = found;
    list.replaceChildren(...found.map((one, n) => {
      const item = document.createElement("li");
      item.id = `offered-${n}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const name = document.createElement("span");
      name.textContent = one.name;
      const where = document.createElement("span");
      where.className = "soft";
      where.textContent = [one.kind, one.within].filter(Boolean).join(" · ");
      item.append(name, where);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); ask(one.name, one.key); });
      return item;
    }));
    chosen = -1;
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(Boolean(found.length)));
  }

  async function look() {
    const text = field.value.trim();
    const own = ++turn;
    if (!text) { close(); return; }
    const found = await fetch(`${field.dataset.offer}?${new URLSearchParams({ q: text })}`);
    if (own !== turn || !found.ok) return;
    offer(await found.json());
  }

  async function html(query) {
    const got = await fetch(`/app/agent/answer?${new URLSearchParams(query)}`, { headers: { Accept: "text/html" } });
    if (got.status === 401 || got.redirected) location.reload();
    if (!got.ok) throw new Error(got.statusText);
    return got.text();
  }

  async function ask(name, key) {
    const own = ++turn;
    clearTimeout(timer);
    close();
    field.value = name;
    asked = key ? { q: name, key } : { q: name };
    changed.textContent = "";
    try {
      const text = await html(asked);
      if (own !== turn) return;
      answer.innerHTML = text;
      history.replaceState(null, "", `/app/agent?${new URLSearchParams(asked)}`);
      field.select();
    } catch (error) {
      changed.textContent = error.message;
    }
  }

  function said() {
    return [...answer.querySelectorAll("[data-notice]")].map((one) => one.dataset.notice + one.dataset.said).join();
  }

  // A notice that is revised or over while the caller is on the line is shown as it is now, and that it changed.
  async function refresh() {
    if (!asked) return;
    const before = said();
    const open = answer.querySelector("details[open]") !== null;
    const own = turn;
    const text = await html(asked);
    if (own !== turn || answer.contains(document.activeElement)) return;
    answer.innerHTML = text;
    if (open) answer.querySelector("details")?.setAttribute("open", "");
    if (said() !== before) changed.textContent = `▲ ${changed.dataset.words}`;
  }

  async function tell(button) {
    const meant = answer.querySelector(".meant");
    button.disabled = true;
    try {
      const got = await window.cellcause.send(`/notices/${encodeURIComponent(button.dataset.told)}/told`, {
        place: meant?.dataset.place || null,
        cell: meant?.dataset.cell || null,
      });
      const callers = button.parentElement.querySelector(".callers");
      callers.textContent = `${button.dataset.done} · ${callers.dataset.words.replace("{count}", got.told)}`;
      field.focus();
      field.select();
    } catch (error) {
      changed.textContent = error.message;
    }
    setTimeout(() => { button.disabled = false; }, 1500);
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => look().catch(() => {}), WAIT_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { look().catch(() => {}); return; }
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose((chosen + step + offers.length + (chosen < 0 && step < 0 ? 1 : 0)) % offers.length);
    } else if (event.key === "Escape") {
      if (list.hidden) { field.value = ""; }
      close();
    }
  });
  field.addEventListener("blur", () => setTimeout(close, 150));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const one = offers[chosen];
    if (!list.hidden && one) ask(one.name, one.key);
    else if (field.value.trim()) ask(field.value.trim(), "");
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "spoken") answer.dataset.spoken = event.target.value;
  });
  answer.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-key]");
    const button = event.target.closest("[data-told]");
    if (link) { event.preventDefault(); ask(link.dataset.name, link.dataset.key); }
    if (button) tell(button);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) {
      const button = answer.querySelector("[data-told]:not([disabled])");
      if (button) { event.preventDefault(); tell(button); }
    } else if (event.key === "/" && !event.target.matches("input, textarea")) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });
  for (const kind of ["step", "act", "missed"]) {
    document.addEventListener(`cellcause:${kind}`, () => refresh().catch(() => {}));
  }
  const given = new URLSearchParams(location.search);
  if (given.get("q")) asked = { q: given.get("q"), ...(given.get("key") ? { key: given.get("key") } : {}) };
})();
