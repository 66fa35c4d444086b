// The hand-over list is printed by its button.
"use strict";
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
