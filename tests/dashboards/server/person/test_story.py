"""A person logs in, watches a fault come up, issues its notice, and follows a complaint of it to the end."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.correlate.live.small_bundle import alarm, complaint
from tests.dashboards.server.person.accessibility import obstacles
from tests.dashboards.server.person.evening import (
    NAME,
    SECRET,
    STEP_S,
    Evening,
    an_evening,
    wait_until,
)

CHROMIUM = shutil.which("chromium")
PATIENCE_MS = 60_000
DRAWING_MS = 180_000
STORY = {"zh": ("H1", "Hill", 25.0), "en": ("V1", "Vale", 25.0 + 12.0 / 110.8)}
"""Site, county and latitude where the story is set, by language."""
TOLD = {"zh": "zh-CN", "en": "en"}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@dataclass
class Visit:
    """Somebody before a screen: the page looked at, its language, and what was found grave."""

    page: Page
    evening: Evening
    language: str
    grave: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(f"{self.evening.address}{path}")

    def look(self, name: str) -> None:
        """Note what would keep people from using the page."""
        self.grave += [f"{name}: {one}" for one in obstacles(self.page)]

    def press(self, kind: str, log: str) -> None:
        """Press the button of an act and wait until the log tells of it."""
        before = self.page.locator(log).count()
        self.page.click(f"form[data-act={kind}] button")
        self.page.wait_for_function(
            "([log, before]) => document.querySelectorAll(log).length > before", arg=[log, before]
        )


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """A server at work."""
    with an_evening(tmp_path_factory.mktemp("evening")) as evening:
        yield evening


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=sorted(STORY))
def visit(request: pytest.FixtureRequest, browser: Browser, evening: Evening) -> Iterator[Visit]:
    """Somebody for whom no script fails and on whose pages nothing is grave."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    failures: list[str] = []

    def note(said: ConsoleMessage) -> None:
        """Note what the browser complains of."""
        if said.type == "error":
            failures.append(said.text)

    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", note)
    visit = Visit(page, evening, request.param)
    yield visit
    context.close()
    assert failures == []
    assert visit.grave == [], "\n".join(visit.grave)


def test_from_the_storm_to_the_report(visit: Visit, tmp_path: Path) -> None:
    _log_in(visit)
    incident = _watch_it_appear(visit)
    _issue_the_notice(visit)
    ticket = _see_a_complaint_matched(visit, incident)
    _ask_for_the_report(visit)
    _answer_a_caller(visit)
    _close_the_work_order(visit, ticket)
    _take_the_report(visit, tmp_path)


def _log_in(visit: Visit) -> None:
    """Log in, and be led to the page that was asked for."""
    page = visit.page
    visit.go(f"/app/map?lang={visit.language}")
    page.wait_for_url("**/login**")
    visit.look("log-in")
    page.fill("#name", NAME)
    page.fill("#password", SECRET)
    page.press("#password", "Enter")
    page.wait_for_url("**/app/map*")
    assert page.get_attribute("html", "lang") == TOLD[visit.language]
    page.wait_for_selector("#headline .figure")
    page.wait_for_selector("#map canvas")


def _watch_it_appear(visit: Visit) -> str:
    """See a fault come up on the open map by itself, and open its incident."""
    page, evening = visit.page, visit.evening
    site = STORY[visit.language][0]
    before = {one["incident_id"] for one in evening.get("/incidents?state=all")}
    evening.send("alarms", outage(site, evening.now() - 60))
    found = wait_until(
        lambda: {one["incident_id"] for one in evening.get("/incidents")} - before,
        "no incident came up",
    )
    (incident,) = found
    mine = page.locator(f"#faults a[href*='{incident}']").first
    mine.wait_for()
    visit.look("map")
    mine.click()
    page.wait_for_url(f"**/app/incident/{incident}*")
    return str(incident)


def outage(site: str, raised: int) -> list[dict[str, object]]:
    """Return the alarms of a site that is lost."""
    names = {site: "NE Is Disconnected", f"{site}-G": "Cell Unavailable"}
    return [
        alarm(f"{name}-{raised}", name, raised) | {"name": said, "vendor": "Huawei"}
        for name, said in names.items()
    ]


def _issue_the_notice(visit: Visit) -> None:
    """Acknowledge the incident, and let its notice out, which waits for a person's word."""
    visit.press("acknowledge", "#log li")
    visit.page.click("article.notice form[data-act=issue] button")
    visit.page.wait_for_selector("article.notice .state.issued")
    visit.look("incident")


def _see_a_complaint_matched(visit: Visit, incident: str) -> str:
    """Send a complaint from the place, and see on the incident's page that it was met."""
    evening = visit.evening
    site, county, lat = STORY[visit.language]
    ticket, issued = f"GD-{site}", evening.now()
    wait_until(lambda: evening.now() > issued + 2 * STEP_S, "time stood still")
    told = {"text": f"No signal at {site} station", "address": f"{site} station", "lat": lat}
    evening.send("complaints", [complaint(ticket, evening.now() - 30, county) | told])

    def is_met() -> bool:
        """Tell whether the notice met the complaint."""
        listed = {one["ticket_id"]: one for one in evening.get("/tickets")}
        return bool(listed.get(ticket, {}).get("covered_by"))

    wait_until(is_met, "the notice did not meet the complaint")
    assert incident in visit.page.url
    visit.page.locator(f"a[href*='/app/ticket/{ticket}']").first.wait_for()
    return ticket


def _answer_a_caller(visit: Visit) -> None:
    """Look the place up as an agent does, and note that the caller was told."""
    page = visit.page
    visit.go("/app/agent")
    page.fill("#q", f"{STORY[visit.language][0]} station")
    page.press("#q", "Enter")
    page.wait_for_selector("article.notice .say")
    before = page.inner_text("article.notice .callers")
    page.click("article.notice [data-told]")
    page.wait_for_function(
        "before => document.querySelector('article.notice .callers').innerText !== before",
        arg=before,
    )
    visit.look("agent")


def _close_the_work_order(visit: Visit, ticket: str) -> None:
    """Find the work order in the queue, give a verdict, answer and close it."""
    page = visit.page
    visit.go("/app/queue")
    visit.look("queue")
    page.locator(f"a[href*='/app/ticket/{ticket}']").first.click()
    page.wait_for_url(f"**/app/ticket/{ticket}*")
    page.wait_for_selector("#causes")
    visit.look("work order")
    visit.press("acknowledge", ".log li")
    page.select_option("form[data-act=verdict] select[name=cause]", "power_failure")
    visit.press("verdict", ".log li")
    page.fill("form[data-act=reply_sent] textarea", "Power is back soon.")
    visit.press("reply_sent", ".log li")
    page.select_option("form[data-act=state] select[name=state]", "called_back")
    visit.press("state", ".log li")
    visit.press("close", ".log li")
    acts = visit.evening.get(f"/tickets/{ticket}")["acts"]
    kinds = ["acknowledge", "verdict", "reply_sent", "state", "close"]
    assert [one["kind"] for one in acts] == kinds
    visit.go("/app/handover")
    visit.look("hand-over")


def _ask_for_the_report(visit: Visit) -> None:
    """Have the report drawn up, which goes on beside."""
    visit.go("/app/report")
    visit.page.click("form[action='/app/report/draw'] button")
    visit.page.wait_for_url("**/app/report?asked=*")
    visit.look("reports")


def _take_the_report(visit: Visit, folder: Path) -> None:
    """Look at the report once it is drawn up, and take its workbook away."""
    page = visit.page
    visit.go("/app/report")
    link = page.locator("a[href$='.xlsx']").first
    link.wait_for(timeout=DRAWING_MS)
    with page.expect_download() as waited:
        link.click()
    path = folder / "report.xlsx"
    waited.value.save_as(path)
    assert path.read_bytes().startswith(b"PK")
    page.locator("tbody a[href^='/app/report/']").first.click()
    page.frame_locator("iframe").locator("h1, h2").first.wait_for()
    visit.look("report")
