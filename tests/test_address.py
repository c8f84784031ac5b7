import pytest

from livestyle.address import find_secrets, hide_secrets, port_trouble


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://me:secret@10.0.0.2:554/live?key=abc", "rtsp://10.0.0.2:554/live"),
        ("rtmp://a.example.org/live2/abcd-efgh", "rtmp://a.example.org/live2/…"),
        ("srt://host:9000?passphrase=abc&streamid=x", "srt://host:9000"),
        ("show/live.m3u8", "show/live.m3u8"),
        ("rtmp://[broken/live/abc", "rtmp://…"),
    ],
)
def test_what_is_shown_has_no_secrets(address, shown):
    assert hide_secrets(address) == shown


def test_the_end_of_where_pictures_go_is_a_key():
    assert hide_secrets("https://host/whip/abc?x=1", to_send=True) == "https://host/whip/…"
    assert hide_secrets("udp://host:9", to_send=True) == "udp://host:9"


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        ("rtmp://me:pw@host/app/key?auth=1", ["me:pw", "key", "auth=1"]),
        ("srt://host:9000?passphrase=a%20b&mode=caller&streamid=x", ["a%20b", "x"]),
        ("clip.mp4", []),
        ("0", []),
    ],
)
def test_secrets_are_found_as_they_are_written(address, secrets):
    assert find_secrets(address) == secrets


@pytest.mark.parametrize(
    ("address", "trouble"),
    [
        ("udp://127.0.0.1", "it needs a port"),
        ("srt://host?mode=caller", "it needs a port"),
        ("udp://127.0.0.1:99999", "from 1 to 65535"),
        ("udp://127.0.0.1:0", "from 1 to 65535"),
        ("rtmp://127.0.0.1:abc/live/x", "from 1 to 65535"),
        ("rtmp://127.0.0.1/live/x", ""),
        ("udp://@:7777", ""),
        ("folder/name.m3u8", ""),
    ],
)
def test_what_is_wrong_with_a_port(address, trouble):
    assert (trouble in port_trouble(address)) and bool(trouble) == bool(port_trouble(address))
