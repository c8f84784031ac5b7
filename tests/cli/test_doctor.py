import json
import os
import subprocess
import sys

import pytest
from conftest import write_random_style

from livestyle.measure.checkup import check_gpu


def run(*words, **environment):
    command = [sys.executable, "-m", "livestyle", "doctor", *words]
    env = {**os.environ, **environment}
    env.pop("DISPLAY", None)
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=100)


def test_everything_is_tried_and_every_line_says_how_to_mend(livestyle_home):
    write_random_style(livestyle_home / "styles" / "aaa.safetensors")
    ran = run("--json")
    findings = {finding["name"]: finding for finding in json.loads(ran.stdout)}
    assert ran.returncode == 0, ran.stdout
    assert ran.stderr == ""
    assert "aaa" in findings["styles"]["text"]
    assert " ms for a frame of 640×360" in findings["openvino"]["text"]
    assert "libx264" in findings["encoders"]["text"]
    assert "threads" in findings["processor"]["text"]
    assert findings["microphones"]["text"]
    assert findings["display"]["state"] == "warning" or sys.platform != "linux"


@pytest.mark.skipif(sys.platform == "win32", reason="programs are made of a line of shell")
def test_the_driver_of_a_graphics_card_is_told(tmp_path, monkeypatch):
    asks_driver = tmp_path / "nvidia-smi"
    asks_driver.write_text("#!/bin/sh\necho 550.54.15\n")
    asks_driver.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (gpu,) = check_gpu()
    assert "driver 550.54.15" in gpu.text
    assert gpu.state == ("ok" if "CUDA 1" in gpu.text else "warning")


def test_a_store_that_cannot_be_written_is_a_failure(tmp_path):
    (tmp_path / "file").write_text("no folder")
    ran = run(LIVESTYLE_HOME=str(tmp_path / "file" / "home"))
    assert ran.returncode == 1
    assert any(
        line.startswith("failure store") and "LIVESTYLE_HOME" in line for line in ran.stdout.splitlines()
    )
