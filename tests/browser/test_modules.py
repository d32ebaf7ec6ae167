"""Pure parts of the console, run in the browser that will run them."""

import ast
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.browser.conftest import CONSOLE

VECTORS = Path(__file__).parents[1] / "vectors"


def _cases(file: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    captured = json.loads((VECTORS / file).read_text())
    return captured["credentials"], captured["cases"]


def _headers(case: dict[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in case["headers"]}


def _session(credentials: dict[str, str], *, temporary: bool) -> dict[str, str]:
    kind = "sts_" if temporary else ""
    return {
        "accessKeyId": credentials[f"{kind}access_key_id"],
        "accessKeySecret": credentials[f"{kind}secret"],
        "securityToken": credentials["sts_token"] if temporary else "",
        "region": "cn-hangzhou",
        "endpoint": "http://127.0.0.1:1",
    }


V4 = "OSS4-HMAC-SHA256 "


@pytest.mark.parametrize("file", ["oss2.json", "alibabacloud_oss_v2.json", "ali-oss.json"])
def test_v4_signature_is_that_of_the_sdks(modules, file: str) -> None:
    """For every captured request whose signature lies in a header the console computes the very same one."""
    credentials, cases = _cases(file)
    wanted = []
    for case in cases:
        headers = _headers(case)
        said = headers.get("authorization", "")
        if not said.startswith(V4) or "AdditionalHeaders" in said or "x-oss-date" not in headers:
            continue
        signed = {
            name: value
            for name, value in headers.items()
            if re.match(r"x-oss-(?!date|content-sha256|security)|content-(type|md5)", name)
        }
        expect = case["expect"]
        moment = headers["x-oss-date"]
        wanted.append(
            {
                "name": case["name"],
                "session": _session(credentials, temporary=expect["temporary"]),
                "request": {
                    "method": case["method"],
                    "bucket": expect["bucket"],
                    "key": expect["key"],
                    "query": dict(parse_qsl(case["query"], keep_blank_values=True)),
                    "headers": signed,
                },
                "now": f"{moment[:4]}-{moment[4:6]}-{moment[6:11]}:{moment[11:13]}:{moment[13:]}",
                "signature": said.rpartition("Signature=")[2],
            }
        )
    assert wanted
    computed = modules.evaluate(
        """async (wanted) => {
            const { signHeaders } = await import("./js/sign/oss_v4.js");
            const sign = async ({session, request, now}) =>
                (await signHeaders(session, request, new Date(now))).authorization.split("Signature=")[1];
            return Promise.all(wanted.map(sign));
        }""",
        wanted,
    )
    assert dict(zip((one["name"] for one in wanted), computed, strict=True)) == {
        one["name"]: one["signature"] for one in wanted
    }


def test_acs3_signature_is_that_of_the_official_client(modules) -> None:
    """For every captured call the console's formula gives the very same signature."""
    credentials, cases = _cases("imm/alibabacloud_imm20200930.json")
    wanted = []
    for case in cases:
        headers = _headers(case)
        said = headers.get("authorization", "")
        if not said.startswith("ACS3-HMAC-SHA256 "):
            continue
        fields = dict(piece.split("=", 1) for piece in said.partition(" ")[2].split(","))
        session = _session(credentials, temporary=case["expect"]["temporary"])
        wanted.append(
            {
                "name": case["name"],
                "secret": session["accessKeySecret"],
                "method": case["method"],
                "pairs": parse_qsl(case["query"], keep_blank_values=True),
                "headers": {name: headers[name] for name in fields["SignedHeaders"].split(";")},
                "digest": headers["x-acs-content-sha256"],
                "signature": fields["Signature"],
            }
        )
    assert wanted
    computed = modules.evaluate(
        """async (wanted) => {
            const { signature3 } = await import("./js/sign/acs3.js");
            const { encode, byBytes } = await import("./js/sign/percent.js");
            const sign = async ({secret, method, pairs, headers, digest}) => {
                const query = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).sort(byBytes).join("&");
                return (await signature3(secret, method, query, headers, digest)).signature;
            };
            return Promise.all(wanted.map(sign));
        }""",
        wanted,
    )
    assert computed == [one["signature"] for one in wanted]


def test_the_form_of_a_call_is_its_whole_body_and_is_hashed(modules) -> None:
    """Nested parameters are JSON text, absent ones are left out, and the hash in the header is that of the form."""
    body, headers = modules.evaluate(
        """async () => {
            const { form } = await import("./js/api/imm.js");
            const { signAction } = await import("./js/sign/acs3.js");
            const { sha256 } = await import("./js/sign/digest.js");
            const body = form({ A: "x y&", B: undefined, C: ["1"], D: "" });
            const session = { accessKeyId: "i", accessKeySecret: "s", securityToken: "t", region: "r", endpoint: "" };
            const call = { host: "h:1", action: "X", version: "v", body, nonce: "n" };
            const headers = await signAction(session, call, new Date(0));
            return [body, { ...headers, right: await sha256(body) }];
        }"""
    )
    assert body == "A=x%20y%26&C=%5B%221%22%5D"
    assert headers["x-acs-content-sha256"] == headers["right"]
    assert "host;x-acs-action" in headers["authorization"]
    assert "x-acs-security-token" in headers["authorization"]


def test_the_grid_draws_what_is_near_the_window_and_no_more(modules) -> None:
    """However long the list, the tiles are those of the window and three rows around it."""
    views = [
        {"count": 0, "columns": 4, "rowHeight": 100, "top": 0, "height": 800},
        {"count": 3, "columns": 4, "rowHeight": 100, "top": -200, "height": 800},
        {"count": 10_000, "columns": 4, "rowHeight": 100, "top": 0, "height": 800},
        {"count": 10_000, "columns": 4, "rowHeight": 100, "top": 100_000, "height": 800},
        {"count": 10_000, "columns": 4, "rowHeight": 100, "top": 10_000_000, "height": 800},
    ]
    drawn = modules.evaluate(
        """async (views) => {
            const { visible } = await import("./js/parts/virtual_grid.js");
            return views.map((view) => { const { first, end } = visible(view); return [first, end]; });
        }""",
        views,
    )
    assert drawn == [[0, 0], [0, 3], [0, 44], [3988, 4044], [10_000, 10_000]]


def test_crops_lie_inside_the_picture(modules) -> None:
    """A face at the edge is cut out with less room around it, never beyond the edge."""
    steps = modules.evaluate(
        """async () => {
            const { cropSteps } = await import("./js/people/tiles.js");
            const at = (Left, Top) => cropSteps({ Left, Top, Width: 100, Height: 80 }, 640, 480);
            return [at(0, 0), at(540, 400), at(200, 200)];
        }"""
    )
    places = [re.search(r"crop,x_(\d+),y_(\d+),w_(\d+),h_(\d+)/", step) for step in steps]
    boxes = [tuple(map(int, place.groups())) for place in places if place]
    assert boxes == [(0, 0, 150, 150), (515, 365, 125, 115), (175, 165, 150, 150)]


def test_charts_end_at_round_numbers_and_miss_no_day(modules) -> None:
    """The axis ends at 1, 2 or 5 times a power of ten, its lines at whole steps; days without use are days too."""
    maxima, lines, days = modules.evaluate(
        """async () => {
            const { niceMax, gridValues, daysBetween } = await import("./js/parts/chart.js");
            const maxima = [0, 1, 3, 10, 11, 499, 1000].map(niceMax);
            return [maxima, [1, 2, 5, 20].map(gridValues), daysBetween("2026-02-27", "2026-03-02")];
        }"""
    )
    assert maxima == [1, 1, 5, 10, 20, 500, 1000]
    assert lines == [[0, 1], [0, 1, 2], [0, 1, 2, 3, 4, 5], [0, 5, 10, 15, 20]]
    assert days == ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]


def test_every_language_has_every_word(modules) -> None:
    """The same names, the same parameters within, and nothing empty."""
    languages = modules.evaluate(
        """async () => Promise.all(["en", "zh-TW"].map(async (tag) => (await import(`./js/words/${tag}.js`)).words))"""
    )
    english, chinese = languages
    assert english.keys() == chinese.keys()
    assert all(english.values())
    assert all(chinese.values())
    for name, text in english.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", chinese[name])), name


def test_every_word_that_is_said_is_known() -> None:
    """What the code asks for by its full name is in the list of words."""
    known = set(re.findall(r'^  "?([\w. -]+?)"?:', (CONSOLE / "js/words/en.js").read_text(), re.MULTILINE))
    said = {name for file in CONSOLE.rglob("*.js") for name in re.findall(r'\bt\(\s*"([^"]+)"', file.read_text())}
    assert said - known == set()
    assert len(said) > 100


def test_every_stage_that_is_timed_has_words() -> None:
    """What the page of the system shows of a stage is a word of the language; each has its place in the order."""
    package = CONSOLE.parent
    timed = {
        name for file in package.rglob("*.py") for name in re.findall(r'"(\w+)": \([^*\n]+\) \* 1e3', file.read_text())
    }
    assert {"queue", "detect", "embed", "search"} <= timed
    words = set(re.findall(r'"stage\.(\w+)"', (CONSOLE / "js/words/en.js").read_text()))
    assert words == timed
    order = re.search(r"STAGES = \[(.+)\]", (CONSOLE / "js/pages/system.js").read_text())
    assert order
    assert set(json.loads(f"[{order[1]}]")) == timed


def test_names_do_not_decide_what_went_wrong(modules) -> None:
    """A group called after pictures that is not there is missing; only what the server refuses can be no picture."""
    told = modules.evaluate(
        """async () => {
            const { Problem, explain } = await import("./js/api/problem.js");
            const cases = [
                ["ResourceNotFound", "The dataset image-album does not exist.", 404],
                ["AccessDenied", "pictures", 403],
                ["ServiceUnavailable", "image", 503],
                ["InternalError", "format", 500],
                ["InvalidArgument", "not supported format.", 400],
                ["Imm Client", "", 400],
                ["InvalidArgument", "MaxResults", 400],
            ];
            return cases.map(([code, message, status]) => explain(new Problem(code, message, status, "")).what);
        }"""
    )
    assert told == [
        f"problem.{kind}" for kind in ("Missing", "AccessDenied", "Busy", "Server", "NoPicture", "NoPicture", "Refused")
    ]


def test_no_code_makes_html_of_text() -> None:
    """Nothing in the console can turn text into elements or code: no innerHTML and the like, no inline style."""
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|style=|javascript:"
    )
    found = [
        f"{file.name}: {line.strip()}"
        for file in CONSOLE.rglob("*.*")
        if file.suffix in {".js", ".html", ".svg"}
        for line in file.read_text().splitlines()
        if forbidden.search(line)
    ]
    assert found == []


# --- programs -----------------------------------------------------------------------------------------------------

BLOCKS = {
    "python": "## Python, `oss2`",
    "java": "## Java",
    "go": "## Go v1",
    "php": "## PHP",
    "node": "## Node",
}
SHOWN_OTHERWISE = (
    "bucket.create_bucket()",
    "bucket.put_object_from_file",
    "import com",
    "console.log(",
    "const answer",
)


def _snippets(modules, **wanted: str) -> dict[str, str]:
    return modules.evaluate(
        """async (wanted) => {
            const { SNIPPETS } = await import("./js/snippets.js");
            return Object.fromEntries(Object.entries(SNIPPETS).map(([id, { write }]) => [id, write(wanted)]));
        }""",
        {"endpoint": "http://127.0.0.1:9000", "region": "cn-hangzhou", "process": "image/faces", **wanted},
    )


def test_programs_have_the_lines_of_the_manual(modules) -> None:
    """Each program holds, in order, the lines of the page on SDKs, which the clients were seen to run."""
    manual = (Path(__file__).parents[2] / "docs" / "sdks.md").read_text()
    programs = _snippets(modules, bucket="photos", key="photo.jpg")
    assert programs.keys() == BLOCKS.keys()
    for language, head in BLOCKS.items():
        block = manual.partition(head)[2].partition("```")[2].partition("\n")[2].partition("```")[0]
        lines = [line.strip() for line in block.splitlines() if line.strip() and not line.startswith(SHOWN_OTHERWISE)]
        assert len(lines) >= 5
        rest = programs[language]
        for line in lines:
            assert line in rest, f"{language}: {line}"
            rest = rest.partition(line)[2]


def test_names_cannot_leave_their_quotes(modules) -> None:
    """Whatever is in a key stays one text in the program, for Python as its own parser sees it."""
    odd = "a\"b\\c'd$e\n\u2028#{x}`.jpg"
    programs = _snippets(modules, bucket="photos", key=odd)
    calls = [node for node in ast.walk(ast.parse(programs["python"])) if isinstance(node, ast.Call)]
    texts = [arg.value for call in calls for arg in call.args if isinstance(arg, ast.Constant)]
    assert odd in texts
    assert """'a"b\\\\c\\'d$e""" in programs["php"]
    assert json.loads('"a\\"b\\\\c\'d$e\\n\\u2028#{x}`.jpg"') == odd
    assert '"a\\"b\\\\c\'d$e\\n\\u2028#{x}`.jpg"' in programs["node"]
