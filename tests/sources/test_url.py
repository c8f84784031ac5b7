import pytest
from camera_server import CameraServer

from livestyle.errors import SourceUnavailable
from livestyle.sources import open_source


@pytest.mark.parametrize("address", ["rtsp://127.0.0.1:9/x", "http://127.0.0.1:9/x", "nonsense://x"])
def test_an_address_where_nothing_answers_is_said_in_one_line(address):
    with pytest.raises(SourceUnavailable, match="cannot open") as caught:
        open_source(address)
    assert "\n" not in str(caught.value)


def test_a_page_without_a_picture_is_refused(tmp_path):
    camera = CameraServer()
    camera.frozen = True  # answers, and then nothing follows
    with pytest.raises(SourceUnavailable):
        open_source(camera.address)
    camera.stop()
