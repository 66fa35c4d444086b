// What the live map does by itself: where it begins and goes, asking anew when the server tells of a change, the ring
// around what is pointed at, keys. All positions are those of the web Mercator projection; north is up.
"use strict";
(() => {
  const TILE_PX = 512, MOST_ZOOM = 17, LEAST_ZOOM = 2, CLOSER = 12.5;
  const ASK_EVERY_MS = 250, ASK_AT_LEAST_MS = 2000, BUSY = 2, STUCK_MS = 10000;
  const NOTHING = () => window.dash_clientside.no_update;
  let pulses = 0, isAsking = false, askedAt = -STUCK_MS, isDue = false, timer = 0, pause = ASK_EVERY_MS;
  let extent = null, isLive = true, serverNow = 0;

  // Dash shows this with each question, as our own requests show it.
  const mark = document.querySelector('meta[name="csrf"]')?.content || "";
  document.cookie = `cellcause_mark=${mark};path=/app/map;samesite=strict`;

  const byId = (name) => document.getElementById(name);
  const set = (name, props) => window.dash_clientside?.set_props?.(name, props);
  const plot = () => document.querySelector("#map .js-plotly-plot");
  const scale = () => Math.min(Math.max(parseFloat(getComputedStyle(document.documentElement).fontSize) / 16, 0.75), 3);

  function theme() {
    const chosen = document.documentElement.dataset.theme;
    if (chosen === "light" || chosen === "dark") return chosen;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }

  const x = (lon) => (lon + 180) / 360;
  const y = (lat) => 0.5 - Math.asinh(Math.tan((Math.max(Math.min(lat, 85.05), -85.05) * Math.PI) / 180)) / (2 * Math.PI);
  const lonOf = (at) => at * 360 - 180;
  const latOf = (at) => (Math.atan(Math.sinh((0.5 - at) * 2 * Math.PI)) * 180) / Math.PI;
  const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

  // The view that a middle and a zoom give on the screen as it is.
  function viewAt(centre, zoom) {
    const frame = byId("map-frame");
    const world = TILE_PX * 2 ** zoom;
    const wide = frame.clientWidth / world / 2, high = frame.clientHeight / world / 2;
    const cx = x(centre.lon), cy = y(centre.lat);
    return {
      west: clamp(lonOf(cx - wide), -180, 179), east: clamp(lonOf(cx + wide), -179, 180),
      south: latOf(clamp(cy + high, 0, 1)), north: latOf(clamp(cy - high, 0, 1)),
      zoom, scale: scale(), lon: centre.lon, lat: centre.lat,
    };
  }

  // Middle and zoom that show a part of the earth whole.
  function whole([west, south, east, north]) {
    const frame = byId("map-frame");
    const wide = Math.max(x(east) - x(west), 1e-6), high = Math.max(y(south) - y(north), 1e-6);
    const room = Math.min(frame.clientWidth / wide, frame.clientHeight / high) * 0.86;
    const centre = { lon: lonOf((x(west) + x(east)) / 2), lat: latOf((y(south) + y(north)) / 2) };
    return [centre, clamp(Math.log2(room / TILE_PX), LEAST_ZOOM, MOST_ZOOM)];
  }

  function here() {
    const map = plot()?.layout?.map;
    return map?.center ? [map.center, map.zoom] : null;
  }

  const fly = (centre, zoom) => set("fly", { data: { centre, zoom: clamp(zoom, LEAST_ZOOM, MOST_ZOOM), n: ++pulses } });

  // --- asking anew when something changed: at once, then after a pause that leaves a busy browser time to draw ------
  function ask() {
    if (!isLive) return;
    if (isAsking && performance.now() - askedAt < STUCK_MS) { isDue = true; return; }
    const wait = pause - (performance.now() - askedAt);
    if (wait > 0) { if (!timer) timer = setTimeout(() => { timer = 0; ask(); }, wait); return; }
    isAsking = true;
    isDue = false;
    ease();
    askedAt = performance.now();
    set("pulse", { data: ++pulses });
  }

  for (const kind of ["arrived", "step", "act", "missed", "inventory"]) document.addEventListener(`cellcause:${kind}`, ask);
  const look = () => set("theme", { data: theme() });
  document.addEventListener("cellcause:theme", look);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
  let resized = 0;
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => { const at = here(); if (at) set("view", { data: viewAt(...at) }); }, 200);
  });

  // --- the ring around what is pointed at -------------------------------------------------------------------------
  let pointed = null;
  function ring() {
    const circle = byId("ring"), at = here();
    if (!circle) return;
    circle.hidden = !pointed || !at;
    if (circle.hidden) return;
    const [centre, zoom] = at, frame = byId("map-frame"), world = TILE_PX * 2 ** zoom;
    const left = frame.clientWidth / 2 + (x(pointed.lon) - x(centre.lon)) * world;
    const top = frame.clientHeight / 2 + (y(pointed.lat) - y(centre.lat)) * world;
    circle.hidden = left < 0 || top < 0 || left > frame.clientWidth || top > frame.clientHeight;
    circle.style.transform = `translate(${left}px, ${top}px)`;
  }
  function point(row) {
    pointed = row?.dataset.lon ? { lon: Number(row.dataset.lon), lat: Number(row.dataset.lat) } : null;
    ring();
  }
  for (const kind of ["mouseover", "focusin"]) {
    document.addEventListener(kind, (event) => point(event.target.closest?.("#faults [data-incident], #hits [data-lon]")));
  }
  document.addEventListener("focusout", () => point(null));

  // The list is made anew with each change: what was pointed at on the map, and where the focus was, is found again.
  let pointedIds = new Set(), focused = "";
  const rows = () => [...document.querySelectorAll("#faults [data-incident]")];
  function markRows() {
    for (const row of rows()) row.classList.toggle("is-pointed", pointedIds.has(row.dataset.incident));
  }
  document.addEventListener("focusin", (event) => { focused = event.target.dataset?.incident || ""; });
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest("#faults")) focused = ""; });
  function refocus() {
    if (!focused || document.activeElement !== document.body) return;
    rows().find((row) => row.dataset.incident === focused)?.focus({ preventScroll: true });
  }

  // --- how the map draws ------------------------------------------------------------------------------------------
  // Plotly gives every layer its marks again with each change. A layer whose marks are the same is left as it is, and
  // a mark that is new is there at once, not after a fade of some frames.
  let eased = null;
  function ease() {
    const figure = plot(), map = figure?._fullLayout?.map?._subplot?.map;
    if (!map || map === eased) return;
    eased = map;
    map._fadeDuration = 0;
    const get = map.getSource.bind(map), given = new WeakMap();
    map.getSource = (name) => {
      const source = get(name);
      if (source?.setData && !given.has(source)) {
        const give = source.setData.bind(source);
        given.set(source, "");
        source.setData = (marks, ...more) => {
          const told = JSON.stringify(marks);
          if (given.get(source) === told) return source;
          given.set(source, told);
          return give(marks, ...more);
        };
      }
      return source;
    };
    figure.on("plotly_afterplot", () => {
      document.body.dataset.mapDrawn = String(figure.layout.meta ?? "");
      document.dispatchEvent(new CustomEvent("cellcause:map-drawn"));
    });
  }

  // --- what Dash calls -------------------------------------------------------------------------------------------
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    live_map: {
      begin(given) {
        extent = given;
        return [viewAt(...whole(given)), theme()];
      },
      moved(moved, view) {
        const at = here();
        requestAnimationFrame(ring);
        if (!moved || !at) return NOTHING();
        const next = viewAt(...at);
        const isSame = view && ["west", "south", "zoom", "east", "scale"].every((k) => Math.abs(next[k] - view[k]) < 1e-7);
        return isSame ? NOTHING() : next;
      },
      flown(to, figure) {
        if (!to || !figure?.layout?.map) return [NOTHING(), NOTHING()];
        const map = { ...figure.layout.map, center: to.centre, zoom: to.zoom };
        const layout = { ...figure.layout, map, uirevision: `flown ${to.n}` };
        setTimeout(ring, 120);
        return [{ ...figure, layout }, viewAt(to.centre, to.zoom)];
      },
      clicked(click) {
        const spot = click?.points?.[0];
        if (!spot?.customdata) return NOTHING();
        const [address, , act] = spot.customdata;
        if (address) location.href = address;
        else if (act === "zoom") { const [, zoom] = here(); fly({ lon: spot.lon, lat: spot.lat }, zoom + 2); }
        return NOTHING();
      },
      pointed(hover) {
        pointedIds = new Set((hover?.points?.[0]?.customdata?.[1] || "").split("|").filter(Boolean));
        markRows();
        document.querySelector("#faults .is-pointed")?.scrollIntoView({ block: "nearest" });
        return NOTHING();
      },
      drawn(data) {
        if (isAsking) pause = clamp(BUSY * (performance.now() - askedAt), ASK_EVERY_MS, ASK_AT_LEAST_MS);
        isAsking = false;
        if (data?.now) serverNow = data.now;
        if (data?.told) byId("moment-told").textContent = data.told;
        document.body.dataset.mapShown = String(data?.pulse ?? "");
        document.dispatchEvent(new CustomEvent("cellcause:map-shown", { detail: data }));
        document.querySelector("#map canvas")?.setAttribute("tabindex", "-1");
        requestAnimationFrame(() => { ease(); ring(); markRows(); refocus(); });
        if (isDue) ask();
        return NOTHING();
      },
    },
  });

  // --- back through the day ---------------------------------------------------------------------------------------
  let looking = 0;
  function lookBack() {
    clearTimeout(looking);
    looking = setTimeout(() => {
      const back = Number(byId("back").value);
      isLive = !back;
      document.body.classList.toggle("is-past", !isLive);
      set("moment", { data: isLive ? null : serverNow + back * 60 });
    }, 120);
  }
  document.addEventListener("input", (event) => { if (event.target.id === "back") lookBack(); });

  // --- buttons and keys -------------------------------------------------------------------------------------------
  function step(zoomBy, right, down) {
    const at = here();
    if (!at) return;
    const [centre, zoom] = at, world = TILE_PX * 2 ** zoom, px = 120 * scale();
    fly({ lon: lonOf(x(centre.lon) + (right * px) / world), lat: latOf(y(centre.lat) + (down * px) / world) }, zoom + zoomBy);
  }
  const MOVES = {
    ArrowLeft: [0, -1, 0], ArrowRight: [0, 1, 0], ArrowUp: [0, 0, -1], ArrowDown: [0, 0, 1],
    "+": [1, 0, 0], "=": [1, 0, 0], "-": [-1, 0, 0],
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.id === "zoom-in") step(1, 0, 0);
    else if (button?.id === "zoom-out") step(-1, 0, 0);
    else if (button?.id === "zoom-whole" && extent) fly(...whole(extent));
    else if (button?.id === "now") { byId("back").value = 0; lookBack(); }
    else if (button?.dataset.lon) {
      pointed = { lon: Number(button.dataset.lon), lat: Number(button.dataset.lat) };
      fly(pointed, Number(button.dataset.zoom || CLOSER));
      set("search", { value: "" });
    }
  });

  // Move the focus among the rows of a list; true where there was somewhere to go.
  function among(rows, by) {
    const at = rows.indexOf(document.activeElement);
    const next = rows[at < 0 ? 0 : at + by];
    next?.focus();
    return Boolean(next);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const on = event.target, down = event.key === "ArrowDown", up = event.key === "ArrowUp";
    if (on.id === "map-frame" && event.key === "0" && extent) fly(...whole(extent));
    else if (on.id === "map-frame" && MOVES[event.key]) { event.preventDefault(); step(...MOVES[event.key]); }
    else if (event.key === "/" && !on.matches("input, textarea, select")) { event.preventDefault(); byId("search")?.focus(); }
    else if (event.key === "Escape" && on.closest(".search")) { set("search", { value: "" }); byId("search")?.focus(); }
    else if ((down || up) && on.closest(".search")) {
      const rows = [...document.querySelectorAll("#hits .hit")];
      event.preventDefault();
      if (!among(rows, down ? 1 : -1) && up) byId("search")?.focus();
    } else if (event.key === "Enter" && on.id === "search") document.querySelector("#hits .hit")?.click();
    else if ((down || up) && on.closest("#faults")) {
      event.preventDefault();
      among([...document.querySelectorAll("#faults [data-incident]")], down ? 1 : -1);
    }
  });
})();
