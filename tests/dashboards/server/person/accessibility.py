"""Find what keeps people from using a page: what axe calls serious or critical."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def obstacles(page: Page) -> list[str]:
    """Return what is grave, each with where it stands."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:150] for node in one['nodes'][:5]]}"
        for one in found
        if one["impact"] in GRAVE
    ]
