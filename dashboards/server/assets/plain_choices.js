// Dash lays a list of boxes to tick out as a list box whose options hold boxes, of which a screen reader can't make sense.
// The boxes and their labels say all that is needed: the rest is taken off, each time the map was drawn or one was ticked.
"use strict";
(() => {
  function plain() {
    for (const list of document.querySelectorAll('.live-map [role="listbox"]')) list.removeAttribute("role");
    for (const one of document.querySelectorAll(".live-map .dash-options-list-option")) {
      for (const name of ["role", "aria-selected"]) one.removeAttribute(name);
    }
  }
  document.addEventListener("cellcause:map-shown", plain);
  document.addEventListener("change", () => setTimeout(plain, 0));
})();
