// The queue by keyboard: arrows go from row to row, Enter opens, "/" searches, left and right turn pages.
// When the rows are filled anew the focus stays on the work order it was on.
"use strict";
(() => {
  const place = document.querySelector("[data-queue]");
  const filters = document.querySelector("[data-queue-filters]");
  if (!place || !filters) return;
  let held = "";

  const rows = () => [...place.querySelectorAll("a[data-row]")];
  const rowOf = (name) => rows().find((row) => row.dataset.row === name);

  place.addEventListener("focusin", (event) => { held = event.target.dataset.row || ""; });
  place.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !place.contains(event.relatedTarget)) held = "";
  });
  place.addEventListener("cellcause:filled", () => {
    if (held && document.activeElement === document.body) rowOf(held)?.focus({ preventScroll: true });
  });

  function step(by) {
    const listed = rows();
    if (!listed.length) return;
    const now = listed.indexOf(document.activeElement);
    const next = now < 0 ? (by > 0 ? 0 : listed.length - 1) : Math.min(Math.max(now + by, 0), listed.length - 1);
    listed[next].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.matches("input, select, textarea, button")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const acts = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      "/": () => filters.querySelector("input[type=search]").focus(),
      ArrowLeft: () => place.querySelector("a[rel=prev]")?.click(),
      ArrowRight: () => place.querySelector("a[rel=next]")?.click(),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });

  filters.addEventListener("change", (event) => {
    if (!event.target.matches("input[type=search]")) filters.requestSubmit();
  });
  filters.addEventListener("submit", () => {
    for (const field of filters.elements) if (!field.value && field.name) field.disabled = true;
  });
})();
