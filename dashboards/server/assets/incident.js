// Acts on an incident and its notices: a form is sent as JSON with an id of its own, the same again if it has to be repeated.
//
// An element with data-refill="ADDRESS" is filled anew when a step or an act comes, but not while somebody writes in it.
"use strict";
(() => {
  const told = document.getElementById("told");

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  }

  function say(text, isFailed) {
    told.textContent = text;
    told.classList.toggle("failed", isFailed);
    if (!isFailed) setTimeout(() => { if (told.textContent === text) told.textContent = ""; }, 4000);
  }

  // The fields of a form; "scripts.agent_zh" goes into an object `scripts`, and only where it was changed; what is
  // ticked goes into a list.
  function contentOf(form) {
    const content = {};
    for (const field of form.elements) {
      if (!field.name || field.name === "csrf") continue;
      if (field.type === "checkbox") {
        if (field.checked) content[field.name] = [...(content[field.name] ?? []), field.value];
        continue;
      }
      const [group, key] = field.name.split(".");
      if (key === undefined) {
        if (field.value !== "") content[group] = field.value;
      } else if (field.value !== field.defaultValue) {
        content[group] = { ...content[group], [key]: field.value };
      }
    }
    return content;
  }

  async function act(form) {
    if (form.dataset.choose && !form.querySelector("input:checked")) return say(form.dataset.choose, true);
    const content = contentOf(form);
    const what = JSON.stringify(content);
    if (form.dataset.sent !== what) {
      form.dataset.sent = what;
      form.dataset.actId = newId();
    }
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await window.cellcause.send(form.action, { kind: form.dataset.act, act_id: form.dataset.actId, ...content });
      delete form.dataset.sent;
      form.reset();
      form.closest("details.act")?.removeAttribute("open");
      say(told.dataset.sent, false);
      refill(true);
    } catch (error) {
      say(told.dataset.failed + error.message, true);
    } finally {
      button.disabled = false;
    }
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.dataset.act) return;
    event.preventDefault();
    act(event.target);
  });

  async function refill(isOwn) {
    for (const place of document.querySelectorAll("[data-refill]")) {
      if (place.querySelector("details.act[open]")) continue;
      if (!isOwn && place.contains(document.activeElement)) continue;
      const opened = Array.from(place.querySelectorAll("details"), (one) => one.open);
      const answer = await fetch(place.dataset.refill, { headers: { Accept: "text/html" } });
      if (!answer.ok || place.querySelector("details.act[open]")) continue;
      place.innerHTML = await answer.text();
      const now = place.querySelectorAll("details");
      if (now.length === opened.length) now.forEach((one, number) => { one.open = opened[number]; });
    }
  }

  let isDue = false;
  function soon() {
    if (isDue) return;
    isDue = true;
    setTimeout(() => { isDue = false; refill(false).catch(() => {}); }, 1500);
  }
  for (const kind of ["step", "act", "missed"]) document.addEventListener(`cellcause:${kind}`, soon);
})();
