// Show the full number of a ticket: <button data-reveal="TICKET"> opens a form that asks why; the number is gone again
// after a minute.
"use strict";
(() => {
  const SHOWN_MS = 60000;

  async function open(ticket) {
    const address = `/app/reveal/${encodeURIComponent(ticket)}`;
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    const dialog = document.createElement("dialog");
    dialog.className = "reveal-dialog";
    dialog.innerHTML = await answer.text();
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    const form = dialog.querySelector("form");
    const told = form.querySelector(".told");
    form.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      show(form, ticket, dialog).catch((error) => {
        told.textContent = error.message;
        told.hidden = false;
      });
    });
    dialog.showModal();
    form.elements.reason.focus();
  }

  async function show(form, ticket, dialog) {
    const address = `/tickets/${encodeURIComponent(ticket)}/reveal`;
    const answer = await window.cellcause.send(address, { reason: form.elements.reason.value });
    const numbers = form.querySelector(".numbers");
    numbers.textContent = answer.numbers.join("  ");
    numbers.hidden = false;
    form.querySelector(".told").hidden = true;
    form.querySelector("[data-show]").hidden = true;
    form.elements.reason.readOnly = true;
    form.querySelector("[data-close]").focus();
    setTimeout(() => dialog.close(), SHOWN_MS);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal]");
    if (!button) return;
    button.disabled = true;
    open(button.dataset.reveal)
      .catch((error) => { button.title = error.message; })
      .finally(() => { button.disabled = false; });
  });
})();
