"""A headless Chromium, driven over its DevTools protocol through a pipe: pages, mouse, fingers, keys, screenshots."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36,
        "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, " ": 32}


def find_chromium():
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """One page in one browser. Messages are JSON that ends with a NUL; file descriptors 3 and 4 are the browser's."""

    def __init__(self, path):
        self.profile = tempfile.mkdtemp(prefix="dragoman-chromium-")
        theirs_in, self.out = os.pipe()
        self.incoming, theirs_out = os.pipe()

        def place():
            a, b = os.dup(theirs_in), os.dup(theirs_out)  # neither may be in the other's place
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [path, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
             "--disable-extensions", "--disable-component-update", "--disable-background-networking",
             "--disable-dev-shm-usage", "--user-data-dir=" + self.profile],
            preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer, self.last_id, self.session, self.events = b"", 0, None, []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(domain + ".enable")

    def close(self):
        try:
            self.session = None
            self.send("Browser.close")
            self.process.wait(10)
        except Exception:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.incoming)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, seconds):
        """The next message, None when the time is up."""
        end = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.incoming], [], [], left)[0]:
                return None
            data = os.read(self.incoming, 1 << 16)
            if not data:
                raise RuntimeError("the browser went away")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def send(self, method, **parameters):
        self.last_id += 1
        call = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            call["sessionId"] = self.session
        data = json.dumps(call).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        while True:
            answer = self.receive(30)
            if answer is None:
                raise RuntimeError(f"{method}: no answer")
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def resize(self, width, height, mobile=False):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.send("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def prefer(self, **features):
        """Media features, say prefers_color_scheme="dark"."""
        self.send("Emulation.setEmulatedMedia",
                  features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def open(self, path):
        self.events.clear()
        self.send("Page.navigate", url="file://" + os.path.abspath(path))
        end = time.monotonic() + 20
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            event = self.receive(end - time.monotonic())
            if event is None:
                raise RuntimeError(f"{path} does not load")
            self.events.append(event)
        self.settle()

    def settle(self):
        """Wait until what was asked for is painted."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")

    def run(self, script):
        """The value of a JavaScript expression; promises are waited for."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def middle(self, selector, index=0):
        """The middle of the index-th element on the screen, scrolled into it."""
        return self.run(f"""(() => {{
            const element = document.querySelectorAll({json.dumps(selector)})[{index}];
            element.scrollIntoView({{block: "center", behavior: "instant"}});
            const box = element.getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2];
        }})()""")

    def point(self, x, y):
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.settle()

    def hover(self, selector, index=0):
        self.point(*self.middle(selector, index))

    def click(self, selector, index=0):
        x, y = self.middle(selector, index)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, clickCount=1,
                      button="left" if kind != "mouseMoved" else "none")
        self.settle()

    def tap(self, selector, index=0):
        x, y = self.middle(selector, index)
        self.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        self.settle()

    def press(self, *keys):
        for key in keys:
            name, shift = key.removeprefix("Shift+"), key.startswith("Shift+")
            event = {"key": name, "code": "Space" if name == " " else name, "windowsVirtualKeyCode": KEYS[name],
                     "modifiers": 8 if shift else 0}
            if name in ("Enter", " "):
                event["text"] = "\r" if name == "Enter" else " "
            self.send("Input.dispatchKeyEvent", type="keyDown", **event)
            self.send("Input.dispatchKeyEvent", type="keyUp", **event)
        self.settle()

    def complaints(self):
        """Errors and warnings of the console, scripts that failed, and whatever was loaded besides the page itself."""
        while (event := self.receive(0.05)) is not None:
            self.events.append(event)
        found = []
        for event in self.events:
            method, of = event["method"], event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(of["exceptionDetails"].get("exception", {}).get("description", str(of)))
            elif method == "Runtime.consoleAPICalled" and of["type"] in ("error", "warning", "assert"):
                found.append(str(of["args"]))
            elif method == "Log.entryAdded" and of["entry"]["level"] in ("error", "warning"):
                found.append(of["entry"]["text"])
            elif method == "Network.requestWillBeSent" and not of["request"]["url"].startswith(("file://", "data:")):
                found.append("loads " + of["request"]["url"])
        return found

    def screenshot(self, path, full=True):
        with open(path, "wb") as file:
            file.write(base64.b64decode(
                self.send("Page.captureScreenshot", format="png", captureBeyondViewport=full)["data"]))
