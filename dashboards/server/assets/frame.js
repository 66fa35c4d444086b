// What every page shares: colours, language, and the connection over which the server tells what changed.
//
// A page hears of changes as events of the document: "cellcause:arrived", "cellcause:step", "cellcause:missed".
// An element with data-fragment="ADDRESS" and data-on="step arrived" is filled anew when one of these comes, at most once
// in data-every milliseconds (1000).
"use strict";
(() => {
  const root = document.documentElement;
  const csrf = document.querySelector('meta[name="csrf"]')?.content || "";

  // The page's own address with one value of the query changed.
  function addressWith(name, value) {
    const address = new URL(location.href);
    address.searchParams.set(name, value);
    return address;
  }

  for (const link of document.querySelectorAll("a[data-keep-query]")) {
    const wanted = new URL(link.href).searchParams.get("lang");
    link.href = addressWith("lang", wanted);
  }
  document.querySelector("[data-theme-choice]")?.addEventListener("change", (event) => {
    const theme = event.target.value;
    document.cookie = `cellcause_theme=${theme};path=/;max-age=31536000;samesite=lax`;
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("cellcause:theme", { detail: theme }));
  });

  // Send an act to the server; answers the parsed answer or throws the reason.
  async function send(address, content) {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF": csrf },
      body: JSON.stringify(content),
    });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(typeof told.detail === "string" ? told.detail : answer.statusText);
    return told;
  }

  async function fill(place) {
    const answer = await fetch(place.dataset.fragment, { headers: { Accept: "text/html" } });
    if (answer.status === 401 || answer.redirected) {
      location.reload();
      return;
    }
    if (!answer.ok) return;
    const html = await answer.text();
    if (place.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    place.innerHTML = html;
    place.dispatchEvent(new CustomEvent("cellcause:filled", { bubbles: true }));
  }

  for (const place of document.querySelectorAll("[data-fragment]")) {
    let isDue = false;
    const every = Number(place.dataset.every || 1000);
    const soon = () => {
      if (isDue) return;
      isDue = true;
      setTimeout(() => { isDue = false; fill(place).catch(() => {}); }, every);
    };
    for (const kind of (place.dataset.on || "step").split(" ")) document.addEventListener(`cellcause:${kind}`, soon);
    document.addEventListener("cellcause:missed", soon);
  }

  const state = document.querySelector(".link-state");
  let wait = 500;
  function listen() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/push`);
    socket.onopen = () => {
      if (wait > 500) document.dispatchEvent(new CustomEvent("cellcause:missed"));
      wait = 500;
      state.textContent = state.dataset.live;
    };
    socket.onmessage = (event) => {
      const told = JSON.parse(event.data);
      document.dispatchEvent(new CustomEvent(`cellcause:${told.kind}`, { detail: told }));
    };
    socket.onclose = () => {
      state.textContent = state.dataset.broken;
      setTimeout(listen, wait);
      wait = Math.min(wait * 2, 15000);
    };
  }
  if (state && document.querySelector(".who")) listen();
  window.cellcause = { send, csrf };
})();
