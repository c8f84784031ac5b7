import sys

import pytest

from livestyle.cli import main


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--fps", "0"], "fps must be between"),
        (["--size", "0x0"], "width must be between"),
        (["--size", "large"], "no size: 'large'"),
        (["--camera", "pattern"], "each camera can be given once"),
        (["--camera", "nothing.mp4"], "no file at nothing.mp4"),
        (["--camera", __file__], "not a video"),
        (["--cutout", "person", "--background", "nothing.png"], "no background 'nothing.png'"),
        (["--background", "blur"], "needs --cutout"),
        (["--backend", "abacus"], "no backend named 'abacus'"),
        (["--device", "cuda:7"], "cuda:7"),
        (["--host", "192.0.2.77"], "cannot serve at 192.0.2.77"),
        (["--port", "-1"], "port must be between"),
        (["--name", "https://paint.example.org/"], "no host name: 'https://paint.example.org/'"),
        (["--name", f"{'ü' * 70}.example"], "no host name: 'üüü"),
        (["--viewers", "0"], "viewers must be between"),
    ],
)
def test_what_cannot_be_is_told_before_anybody_watches(words, says, tiny_style, monkeypatch, capsys):
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    ours = ["--camera", "pattern", "--port", "0", "--style", str(tiny_style.path)]
    monkeypatch.setattr(sys, "argv", ["livestyle", "serve", *ours, *words])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert says in said.splitlines()[-1] and "Traceback" not in said
    assert "open http" not in said
