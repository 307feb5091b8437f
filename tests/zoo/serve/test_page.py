"""zoo/serve/page.py: the page loads nothing of others, has names for all it asks, and works in a browser."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from zoo.serve.page import FOLDER
from zoo.serve.pictures import FORMATS

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
WIDTHS = (390, 820, 1600)


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_the_page_and_its_parts_are_served_with_a_policy(client):
    for path, kind in (("/", "text/html"), ("/page/page.js", "text/javascript"), ("/page/page.css", "text/css")):
        sent = client.get(path)
        assert sent.status_code == 200
        assert sent.headers["Content-Type"].startswith(kind)
        assert sent.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert client.get("/page/page.html.j2").status_code == client.get("/page/..%2fpage.py").status_code == 404


def test_nothing_is_loaded_from_elsewhere():
    for path in FOLDER.iterdir():
        assert not re.search(r"(https?:)?//[\w.]+\.\w", path.read_text().replace("// ", "")), path


def test_what_is_asked_has_a_name_and_every_id_that_the_script_uses_exists(client):
    page = Elements()
    page.feed(client.get("/").text)
    ids = {own["id"] for _, own in page.found if "id" in own}
    named = {own["for"] for tag, own in page.found if tag == "label" and "for" in own}
    assert {own["id"] for tag, own in page.found if tag == "input"} - named == {
        "files",
        "camera",
    }  # inside their labels
    assert set(re.findall(r'find\("([\w-]+)"\)', (FOLDER / "page.js").read_text())) <= ids
    used = [own.get(name) for _, own in page.found for name in ("aria-labelledby", "aria-describedby")]
    assert {name for name in used if name} <= ids
    assert ("html", {"lang": "en"}) in page.found


def test_the_page_of_requests_has_every_route(client):
    text = client.get("/docs").text
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path.replace('{', '{')}" in text


def test_the_description_has_the_statuses_and_the_formats_of_the_page_of_the_docs(client):
    predict = client.get("/openapi.json").json()["paths"]["/predict"]["post"]
    docs = (Path(__file__).resolve().parents[3] / "docs" / "serving.md").read_text()
    told = re.findall(r"^\| ([45]\d\d(?:, [45]\d\d)*) \|", docs, re.MULTILINE)
    assert {"200", *", ".join(told).split(", ")} == predict["responses"].keys()
    images = {kind for kind in predict["requestBody"]["content"] if kind.startswith("image/")}
    assert images == {f"image/{name.lower()}" for name in FORMATS}


@pytest.fixture
def browser():
    webdriver = pytest.importorskip("selenium.webdriver", reason="pip install 'ensemble-zoo[test]'")
    if not (CHROMIUM and DRIVER):
        pytest.skip("no Chromium: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(option)
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield made
    made.quit()


DROP = """
const [files, done] = arguments, data = new DataTransfer();
for (const [name, hex] of files) {
  const bytes = new Uint8Array(hex.match(/../g).map((pair) => parseInt(pair, 16)));
  data.items.add(new File([bytes], name, {type: "image/png"}));
}
document.getElementById("drop").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
"""


@pytest.mark.slow
def test_three_pictures_are_dropped_and_all_is_reached_by_keys(browser, address, colour, encode, tmp_path):
    from selenium.webdriver import ActionChains, Keys
    from selenium.webdriver.support.ui import WebDriverWait

    wait = WebDriverWait(browser, 20)
    by_id = lambda name: browser.find_element("id", name)  # noqa: E731
    downloads = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", downloads)
    noise = np.random.default_rng(0).integers(90, 110, (20, 20, 3)).astype(np.uint8)  # no class stands out
    files = [["red.png", colour(250, 5, 5)], ["<b>noise.png", encode(noise)], ["broken.png", colour(5, 250, 5)[:50]]]
    for width in WIDTHS:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get(address)
        wait.until(lambda _: "red, green, blue" in by_id("about").text)
        browser.execute_script(DROP, [[name, data.hex()] for name, data in files])
        wait.until(lambda _: "1 cannot be read" in by_id("status").text)
        assert by_id("status").text == "3 pictures: 1 sure enough, 1 not sure enough, 1 cannot be read."
        assert not browser.execute_script("return document.documentElement.scrollWidth > innerWidth"), width
    cards = browser.find_elements("css selector", ".card")
    assert [card.find_element("css selector", ".answer").text for card in cards][::2] == ["red", "No answer"]
    assert cards[1].find_element("css selector", ".name").text == "<b>noise.png"

    reached = []
    for _ in range(20):
        ActionChains(browser).send_keys(Keys.TAB).perform()  # an input of files would take keys as a path
        focused = browser.switch_to.active_element
        reached.append(focused.get_attribute("id") or focused.accessible_name)
        if focused.tag_name == "summary":
            break
    maps = ["Show the heat map of red.png", "Show the heat map of <b>noise.png"]
    assert reached == ["Requests for programs", "files", "camera", "save", "clear", *maps, "What do the words mean?"]
    assert [by_id(name).accessible_name for name in ("files", "camera")] == ["Choose pictures", "Take a photo"]
    assert browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "solid"

    button = cards[0].find_element("css selector", ".map")
    button.send_keys(Keys.ENTER)
    wait.until(lambda _: button.get_attribute("aria-pressed") == "true")
    image = cards[0].find_element("css selector", "img")
    wait.until(lambda _: browser.execute_script("return arguments[0].naturalWidth", image) == 16)
    assert image.get_attribute("alt") == "Heat map of red.png"
    by_id("save").send_keys(Keys.ENTER)
    wait.until(lambda _: (tmp_path / "answers.csv").exists())
    check_table(tmp_path / "answers.csv")
    assert [one for one in browser.get_log("browser") if "422" not in one["message"]] == []


def check_table(path: Path):
    import csv

    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == ["red.png", "<b>noise.png", "broken.png"]
    assert (rows[0]["class"], rows[0]["class_id"], rows[0]["accepted"], rows[0]["set"]) == ("red", "0", "true", "red")
    assert float(rows[0]["probability_red"]) > 0.9
    assert rows[1]["accepted"] == "false"
    assert "cannot" in rows[2]["error"]


FAILING = """
window.forgotten = 0;
const revoke = URL.revokeObjectURL;
URL.revokeObjectURL = (url) => { window.forgotten++; revoke.call(URL, url); };
window.fetch = async () => {
  if (!window.status_of) throw new TypeError("no network");
  return new Response("{\\"error\\": \\"why\\"}", {status: window.status_of});
};
"""


@pytest.mark.slow
def test_failures_are_called_what_they_are_and_pictures_are_forgotten(browser, address, colour):
    from selenium.webdriver.support.ui import WebDriverWait

    wait = WebDriverWait(browser, 20)
    drop = lambda: browser.execute_script(DROP, [["a.png", colour(250, 5, 5).hex()]])  # noqa: E731
    status = lambda: browser.find_element("id", "status").text  # noqa: E731
    browser.get(address)
    drop()
    wait.until(lambda _: "1 sure enough" in status())
    button = browser.find_element("css selector", ".map")
    browser.execute_script(FAILING)
    button.click()
    wait.until(lambda _: "No heat map" in button.text)
    assert button.is_enabled()
    for number, words in ((0, "server not reached"), (401, "token missing"), (503, "took too long"), (500, "failed")):
        browser.execute_script("window.status_of = arguments[0]", number)
        drop()
        wait.until(lambda _, words=words: f"1 {words}" in status())
    badges = [badge.text for badge in browser.find_elements("css selector", ".badge")]
    assert badges[1:] == ["server not reached", "token missing", "took too long", "failed"]
    assert "cannot be read" not in status()
    browser.find_element("id", "clear").click()
    assert browser.execute_script("return window.forgotten") == 5


@pytest.mark.slow
def test_a_token_is_asked_for_and_used(browser, model, monkeypatch, request):
    from selenium.webdriver.support.ui import WebDriverWait

    monkeypatch.setenv("ZOO_TOKEN", "secret")
    browser.get(request.getfixturevalue("address"))
    wait = WebDriverWait(browser, 20)
    wait.until(lambda _: browser.switch_to.active_element.get_attribute("id") == "token")
    browser.switch_to.active_element.send_keys("secret\n")
    wait.until(lambda _: "red, green, blue" in browser.find_element("id", "about").text)
    assert not browser.find_element("id", "key").is_displayed()
