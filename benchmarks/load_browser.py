"""Watch the live map in a real browser, and note when it had drawn what came in.

What came in is drawn when an answer to a question that the map asked after hearing of it has been painted: two frames
after it was read.

Simple so far: whatever the map asks the server counts as a question for all that it shows.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import sync_playwright

NOTE = """
window.drawn = [];
const waiting = [];
document.addEventListener("cellcause:arrived", (event) => {
  const counts = event.detail.counts || {};
  waiting.push([Date.now(), (counts.alarms || 0) + (counts.clearings || 0), counts.complaints || 0]);
});
const asked = window.fetch;
window.fetch = async (...given) => {
  const began = Date.now();
  const answer = await asked(...given);
  const address = String(given[0] && given[0].url ? given[0].url : given[0]);
  if (address.includes("_dash-update-component")) {
    requestAnimationFrame(() => requestAnimationFrame(() => {
      while (waiting.length && waiting[0][0] <= began) {
        const [, alarms, complaints] = waiting.shift();
        window.drawn.push([Date.now() / 1000, "drawn", alarms, complaints]);
      }
    }));
  }
  return answer;
};
"""


class MapInBrowser:
    """A browser that shows the map of a server."""

    def __init__(self, address: str, token: str, executable: str) -> None:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox"]
        )
        context = self._browser.new_context(
            extra_http_headers={"Authorization": f"Bearer {token}"},
            viewport={"width": 1366, "height": 768},
        )
        self.page = context.new_page()
        self.page.add_init_script(NOTE)
        self.page.goto(f"{address}/app/map")

    def look(self, seconds: float) -> None:
        """Let the page go on for so long."""
        self.page.wait_for_timeout(seconds * 1000.0)

    def end(self) -> list[list[Any]]:
        """Return when the map had drawn what, and close the browser."""
        drawn: list[list[Any]] = self.page.evaluate("window.drawn")
        self._browser.close()
        self._playwright.stop()
        return drawn
