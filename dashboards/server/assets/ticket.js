// Acts on a work order: a form with data-act sends what it holds as one act; the standing is filled anew after it.
"use strict";
(() => {
  const desk = document.querySelector("[data-ticket]");
  const refused = document.querySelector("[data-refused]");
  const standing = document.querySelector("[data-standing]");
  if (!desk || !refused || !standing) return;

  // An id for one act: sent again with the same id it is the same act.
  function freshId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return `p${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  }

  async function fill() {
    const answer = await fetch(standing.dataset.fragment, { headers: { Accept: "text/html" } });
    if (answer.ok) standing.innerHTML = await answer.text();
  }

  desk.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    event.preventDefault();
    form.dataset.actId ||= freshId();
    const act = { act_id: form.dataset.actId, kind: form.dataset.act };
    for (const [name, value] of new FormData(form)) if (name !== "csrf") act[name] = value.trim();
    const button = form.querySelector("button");
    button.disabled = true;
    refused.hidden = true;
    window.cellcause
      .send(`/tickets/${encodeURIComponent(desk.dataset.ticket)}/acts`, act)
      .then(fill)
      .catch((error) => {
        refused.textContent = refused.dataset.refused.replace("{reason}", error.message);
        refused.hidden = false;
      })
      .finally(() => {
        delete form.dataset.actId;
        button.disabled = false;
      });
  });
})();
