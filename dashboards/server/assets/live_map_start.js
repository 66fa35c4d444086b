// Start Dash on the page of the live map, without an inline script.
"use strict";
window.renderer = new DashRenderer();
