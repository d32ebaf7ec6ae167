"""Coming in and leaving."""

import requests

from tests.browser.conftest import CONSOLE, Site, Window


def test_a_wrong_secret_is_told_with_what_to_do(site: Site, window: Window) -> None:
    """Nothing is kept of it, the page says what is wrong, and the right secret then opens the console."""
    page = window.page
    page.goto(site.url)
    page.get_by_label("Access key id").fill(site.server.access_key_id)
    page.get_by_label("Access key secret").fill("not the secret")
    page.get_by_role("button", name="Sign in").click()
    told = page.get_by_role("alert")
    told.wait_for()
    assert "The secret does not belong to this key." in told.inner_text()
    assert "Paste the access key secret again" in told.inner_text()
    assert "SignatureDoesNotMatch" in told.inner_text()
    assert page.evaluate("sessionStorage.length") == 0
    page.get_by_label("Access key secret").fill(site.server.access_key_secret)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="photos").wait_for()
    window.forgive(403)


def test_an_unknown_key_is_told_apart_from_a_wrong_secret(site: Site, window: Window) -> None:
    """The advice is about the id."""
    page = window.page
    page.goto(site.url)
    page.get_by_label("Access key id").fill("LTAIofanotherserver")
    page.get_by_label("Access key secret").fill("secret")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("This key is not known here.").wait_for()
    window.forgive(403)


def test_a_server_that_does_not_answer_is_told_of(site: Site, window: Window) -> None:
    """At the door, and when a page cannot be loaded: no page stays empty, and later it works."""
    page = window.page
    page.route("**/console/config.json", lambda route: route.abort())
    page.goto(site.url)
    page.get_by_role("alert").get_by_text("The server does not answer.").wait_for()
    page.unroute("**/console/config.json")
    page.get_by_label("Language").select_option("en")
    site.enter(page)
    page.route("**/pages/usage.js", lambda route: route.abort())
    page.get_by_role("link", name="Usage").click()
    page.get_by_role("alert").get_by_text("Something went wrong in the page.").wait_for()
    page.get_by_role("link", name="Buckets").click()
    page.get_by_role("link", name="photos").wait_for()
    window.complaints = [told for told in window.complaints if "ERR_FAILED" not in told]


def test_the_key_stays_in_the_tab(site: Site, window: Window) -> None:
    """It survives a reload, is in no address and in nothing that outlives the tab, and is gone after signing out."""
    page = window.page
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    site.enter(page)
    page.reload()
    page.get_by_role("link", name="photos").wait_for()
    secret = site.server.access_key_secret
    assert not [address for address in [*addresses, page.url] if secret in address]
    assert page.evaluate("JSON.stringify({ ...localStorage }) + document.cookie").find(secret) == -1
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Access key id").wait_for()
    assert page.evaluate("sessionStorage.length") == 0


def test_the_policy_allows_nothing_inline(site: Site) -> None:
    """Every file, one that is missing too, comes with a policy that has no exception for inline code or eval."""
    for path in ("", "js/main.js", "css/base.css", "config.json", "nothing.js"):
        policy = requests.get(f"{site.url}{path}", timeout=10).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "unsafe" not in policy


def test_the_browser_keeps_the_policy(site: Site, window: Window) -> None:
    """What is inline is not run: the policy is in force, and breaking it is seen by these tests."""
    page = window.page
    page.goto(site.url)
    page.get_by_label("Access key id").wait_for()
    ran = page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.head.append(script);
            return window.ran === true;
        }"""
    )
    assert not ran
    assert len(window.complaints) == 1
    assert "Content Security Policy" in window.complaints.pop()


def test_elsewhere_than_here_the_page_says_why_it_cannot_sign(window: Window) -> None:
    """Over plain HTTP from another machine the browser has no cryptography: that is told, with what to do."""
    page = window.page

    def answer(route) -> None:
        path = route.request.url.partition("/console/")[2] or "index.html"
        kind = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}.get(
            path.rpartition(".")[2], "text/html"
        )
        route.fulfill(path=CONSOLE / path, content_type=kind)

    page.route("http://server.test/**", answer)
    page.goto("http://server.test/console/")
    page.get_by_role("heading", name="The browser cannot sign requests here").wait_for()
    assert page.get_by_text("http://127.0.0.1").count() == 1
